// Where a replica begins whose journal and decided block do not say the same: it followed others, or
// its journal was lost and given back in part.

import type { Digest } from '@starling/shared';
import test from 'ava';
import { configOf, ROOT } from '../snow/snow-cluster-fixture.ts';
import { startingEra, viewBefore } from './era.ts';
import type { FrostyJournal } from './frosty-config.ts';
import { FrostyReplica } from './frosty-replica.ts';
import { type DecidedOpening, openingRoot } from './opening.ts';
import type { StartingVote } from './statement.ts';

const digest = (text: string) => text.padEnd(64, '0') as Digest;

/** A replica on a decided block of this view. */
function replicaOn(view: number, journal: FrostyJournal<string> = { era: 0, votes: [] }) {
  const root = { ...ROOT, id: digest('a'), height: 9, view };
  return new FrostyReplica<string>({ ...configOf(10, 1), root }, journal);
}

const inPolls = viewBefore({ era: 2, kind: 'polls' }) + 3;
const inCertificates = viewBefore({ era: 3, kind: 'certificates' }) + 1;
const start: StartingVote = { fromHeight: 9, ids: [digest('a')], decidedHeight: 9 };

test('who followed others is in the era of its decided block, whatever it wrote down', (t) => {
  t.is(startingEra(0, 0), 0);
  t.is(startingEra(inPolls, 0), 2);
  t.is(startingEra(inPolls, 4), 4);
  t.is(startingEra(inCertificates, 0), 2);
  const replica = replicaOn(inPolls);
  t.deepEqual(replica.status().period, { era: 2, kind: 'polls' });
  t.false(replica.status().isHalted);
});

test('a starting vote of the era that is entered halts its polls, and is said again', (t) => {
  const starts = new Map([[2, start]]);
  const replica = replicaOn(inPolls, { era: 0, starts, votes: [] });
  t.true(replica.status().isHalted);
  t.is(replica.chitAt(2, 10), undefined);
  replica.onTick(0);
  replica.onTick(1000);
  const said = replica.takeEffects().filter(({ kind }) => kind === 'repeat-statement');
  t.deepEqual(said, [{ kind: 'repeat-statement', statement: { era: 2, start } }]);
});

test('on a block of an odd era a member polls nothing until it knows how that era opened', (t) => {
  const replica = replicaOn(inCertificates);
  const asked = () => replica.takeEffects().filter(({ kind }) => kind === 'fetch-era');
  t.true(replica.status().isHalted);
  t.deepEqual(asked(), [{ kind: 'fetch-era', era: 3 }]);
  replica.setDemand(true, 0);
  replica.onTick(1000);
  t.is(asked().length, 1);
  const root = openingRoot(3);
  const view = root.view + 1;
  const place = { height: 1, leader: 0, parent: root.id, parentView: root.view, view };
  const votes = Array.from({ length: 9 }, (_, voter) => {
    return { voter, statement: { era: 2, start }, proof: `${voter}` };
  });
  const id = digest('b');
  const proofs = Array.from({ length: 7 }, (_, voter) => ({ voter, proof: `${voter}` }));
  const opening: DecidedOpening<string> = {
    blocks: [{ header: { ...place, id }, starts: votes }],
    certificate: { vote: { kind: 'finalize', view, block: id }, proofs },
  };
  t.is(replica.onDecidedOpening(opening, 2000), 'learned');
  t.deepEqual(replica.status().period, { era: 3, kind: 'certificates' });
});
