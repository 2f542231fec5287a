// One replica and what may come in: from members that lie, repeat, or are in another era.

import type { Digest } from '@starling/shared';
import test from 'ava';
import { LeaderSchedule } from '../simplex/leader-schedule.ts';
import type { BlockHeader, SimplexVote } from '../simplex/vote.ts';
import { configOf, ROOT } from '../snow/snow-cluster-fixture.ts';
import type { FrostyEffect } from './effect.ts';
import { ERA_VIEWS, periodOf, viewBefore } from './era.ts';
import type { FrostyConfig, FrostyJournal } from './frosty-config.ts';
import { FrostyReplica } from './frosty-replica.ts';
import { type DecidedOpening, type OpeningBlock, openingRoot } from './opening.ts';
import type { CastStart } from './stall-book.ts';
import type { StartingVote } from './statement.ts';

type Effect = FrostyEffect<string>;

/** Ten members, one of them may lie: 9 starting votes open an era, 7 votes certify. */
const MEMBERS = 10;
const config: FrostyConfig = { ...configOf(MEMBERS, 1), certificateBlocks: 2 };
const leaders = new LeaderSchedule(MEMBERS, 7);
const digest = (text: string) => text.padEnd(64, '0') as Digest;
const onRoot: StartingVote = { fromHeight: 0, ids: [ROOT.id], decidedHeight: 0 };

function start(voter: number, vote: StartingVote = onRoot, era = 0): CastStart<string> {
  return { voter, statement: { era, start: vote }, proof: `${voter}` };
}

const starts = (count: number, era = 0) =>
  Array.from({ length: count }, (_, voter) => start(voter, onRoot, era));

function openingOf(era: number, votes: readonly CastStart<string>[]): OpeningBlock<string> {
  const root = openingRoot(era);
  const view = root.view + 1;
  const [id, leader] = [digest(`a${era}`), leaders.leaderOf(view)];
  const header = { id, view, height: 1, parent: root.id, parentView: root.view, leader };
  return { header, starts: votes };
}

function decidedOpening(era: number, votes = starts(9, era - 1)): DecidedOpening<string> {
  const opening = openingOf(era, votes);
  const { id, view } = opening.header;
  return { blocks: [opening], certificate: certified({ kind: 'finalize', view, block: id }) };
}

function certified(vote: SimplexVote) {
  return { vote, proofs: [0, 1, 2, 3, 4, 5, 6].map((voter) => ({ voter, proof: `${voter}` })) };
}

function blockOn(parent: BlockHeader, view: number): BlockHeader {
  const height = parent.height + 1;
  const [id, leader] = [digest(`b${height}`), leaders.leaderOf(view)];
  return { id, view, height, parent: parent.id, parentView: parent.view, leader };
}

function replicaOf(journal?: FrostyJournal<string>, change: Partial<FrostyConfig> = {}) {
  return new FrostyReplica<string>({ ...config, ...change }, journal);
}

function kinds(replica: FrostyReplica<string>): Effect['kind'][] {
  return replica.takeEffects().map(({ kind }) => kind);
}

test('more than F members that are stuck make a member halt and state once where it stands', (t) => {
  const replica = replicaOf();
  const stuck = { era: 0, start: undefined };
  for (const voter of [1, 2, 3]) replica.onStatement({ voter, statement: stuck, proof: '' }, 0);
  t.false(replica.status().isHalted);
  replica.onStatement({ voter: 3, statement: stuck, proof: '' }, 1);
  t.false(replica.status().isHalted);
  replica.onStatement({ voter: 4, statement: stuck, proof: '' }, 2);
  t.true(replica.status().isHalted);
  t.is(replica.chitAt(0, 1), undefined);
  const stated = replica.takeEffects().filter(({ kind }) => kind === 'state');
  t.deepEqual(stated, [{ kind: 'state', statement: { era: 0, start: onRoot } }]);
});

test('a member may ask for certificates without a stall, once at a time', (t) => {
  const replica = replicaOf();
  replica.askForCertificates(0);
  replica.askForCertificates(0);
  const stated = replica.takeEffects().filter(({ kind }) => kind === 'state');
  t.deepEqual(stated, [{ kind: 'state', statement: { era: 0, start: undefined } }]);
  const observer = replicaOf(undefined, { self: undefined });
  observer.askForCertificates(0);
  t.false(kinds(observer).includes('state'));
});

test('members that were stuck long ago do not count', (t) => {
  const replica = replicaOf();
  for (const voter of [1, 2, 3, 4]) {
    const statement = { era: 0, start: undefined };
    replica.onStatement({ voter, statement, proof: '' }, voter * 10_000);
  }
  t.false(replica.status().isHalted);
});

test('a starting vote of the journal is said again and no other one is made', (t) => {
  const replica = replicaOf({ era: 0, starts: new Map([[0, onRoot]]), votes: [] });
  t.true(replica.status().isHalted);
  for (const cast of starts(5)) replica.onStatement(cast, 0);
  replica.onTick(0);
  replica.onTick(1000);
  const effects = replica.takeEffects();
  t.true(effects.some(({ kind }) => kind === 'repeat-statement'));
  t.false(effects.some(({ kind }) => kind === 'state'));
});

test('the starting votes of n - f members open the odd era, fewer do not', (t) => {
  const replica = replicaOf();
  for (const cast of starts(8).slice(1)) replica.onStatement(cast, 0);
  const own = replica.takeEffects().find((effect) => effect.kind === 'state');
  if (own?.kind !== 'state') return t.fail('it halts');
  replica.onStatement({ voter: 0, statement: own.statement, proof: '0' }, 0);
  t.is(replica.status().period.kind, 'polls');
  t.is(replica.onStatement(start(8), 0), 'counted');
  t.deepEqual(replica.status().period, { era: 1, kind: 'opening' });
});

test('two starting votes of one member are evidence, told once, and the first one counts', (t) => {
  const replica = replicaOf();
  t.is(replica.onStatement(start(1), 0), 'counted');
  t.is(replica.onStatement(start(1), 0), 'duplicate');
  const other = { ...onRoot, ids: [digest('f')] };
  for (let i = 0; i < 3; i++) t.is(replica.onStatement(start(1, other), 0), 'equivocation');
  t.is(kinds(replica).filter((kind) => kind === 'statement-evidence').length, 1);
});

test('a starting vote of our own that we do not know stops this member, unless it may have forgotten', (t) => {
  const twin = replicaOf();
  t.is(twin.onStatement(start(0), 0), 'unknown-own-statement');
  t.true(kinds(twin).includes('twin-statement'));
  t.false(twin.status().mayVote);
  const forgetful = replicaOf();
  forgetful.observeUntil(1);
  t.is(forgetful.onStatement(start(0), 0), 'unknown-own-statement');
  t.false(kinds(forgetful).includes('twin-statement'));
  for (const cast of starts(6).slice(1)) forgetful.onStatement(cast, 0);
  t.true(forgetful.status().isHalted);
  t.false(kinds(forgetful).includes('state'));
});

test('statements of strangers, of other eras and of no sense are refused with a reason', (t) => {
  const replica = replicaOf();
  const outcomes = [start(10), start(-1), start(0.5), start(Number.NaN)].map((cast) =>
    replica.onStatement(cast, 0),
  );
  t.deepEqual(new Set(outcomes), new Set(['not-a-member']));
  t.is(replica.onStatement(start(1, { ...onRoot, ids: [] }), 0), 'malformed');
  t.is(replica.onStatement(start(1, onRoot, 1), 0), 'malformed');
  t.is(replica.onStatement(start(1, onRoot, 2), 0), 'future-era');
  t.true(kinds(replica).includes('fetch-era'));
  t.is(replica.status().held.starts, 0);
});

const forged: readonly (readonly [string, DecidedOpening<string>])[] = [
  ['too few votes', decidedOpening(1, starts(8))],
  ['a vote twice', decidedOpening(1, [...starts(8), start(7)])],
  ['a stranger among the votes', decidedOpening(1, [...starts(8), start(10)])],
  ['votes of another era', decidedOpening(1, starts(9, 2))],
  ['no opening', { ...decidedOpening(1), blocks: [] }],
  ['an even era', decidedOpening(2, starts(9))],
  [
    'votes with no block in common',
    decidedOpening(
      1,
      starts(9).map((cast, i) => start(cast.voter, { ...onRoot, ids: [digest(`${i}`)] })),
    ),
  ],
  [
    'a notarisation',
    {
      ...decidedOpening(1),
      certificate: certified({ kind: 'notarize', view: ERA_VIEWS + 1, block: digest('a1') }),
    },
  ],
  [
    'a certificate of too few',
    {
      ...decidedOpening(1),
      certificate: { ...decidedOpening(1).certificate, proofs: [{ voter: 0, proof: '' }] },
    },
  ],
  [
    'a certificate for something else',
    {
      ...decidedOpening(1),
      certificate: certified({ kind: 'finalize', view: ERA_VIEWS + 1, block: digest('c') }),
    },
  ],
];
for (const [title, opening] of forged) {
  test(`an opening with ${title} opens nothing`, (t) => {
    const replica = replicaOf();
    t.is(replica.onDecidedOpening(opening, 0), 'malformed');
    t.deepEqual(replica.status().period, { era: 0, kind: 'polls' });
  });
}

test('who is behind enters an odd era by its certified opening, and the next even one by its end', (t) => {
  const replica = replicaOf();
  t.is(replica.onDecidedOpening(decidedOpening(3), 0), 'learned');
  t.is(replica.onDecidedOpening(decidedOpening(3), 0), 'stale-period');
  t.is(replica.onDecidedOpening(decidedOpening(1), 0), 'stale-period');
  t.deepEqual(replica.status().period, { era: 3, kind: 'certificates' });
  const view = viewBefore({ era: 3, kind: 'certificates' }) + 1;
  const first = blockOn(ROOT, view);
  const second = blockOn(first, view + 1);
  const third = blockOn(second, view + 2);
  for (const block of [first, second, third]) t.is(replica.onBlock(block, 0), 'accepted');
  const end = certified({ kind: 'finalize', view: view + 2, block: third.id });
  t.is(replica.onCertificate(end, 0), 'learned');
  const effects = replica.takeEffects();
  const decided = effects.find((effect) => effect.kind === 'decided');
  t.like(decided, { blocks: [first.id, second.id], trailing: [third.id] });
  t.like(
    effects.find((effect) => effect.kind === 'entered'),
    { era: 4, root: second },
  );
  t.like(replica.status(), { period: { era: 4, kind: 'polls' }, decided: second });
  t.not(replica.chitAt(4, 3), undefined);
  t.is(replica.chitAt(0, 3), undefined);
});

test('the way to where an era starts is fetched block by block, and decided by its certificate', (t) => {
  const replica = replicaOf();
  const path = [blockOn(ROOT, 1)];
  path.push(blockOn(path[0] ?? ROOT, 2));
  const ids = [ROOT, ...path].map(({ id }) => id);
  const votes = starts(9).map(({ voter }) => start(voter, { ...onRoot, ids }));
  t.is(replica.onDecidedOpening(decidedOpening(1, votes), 0), 'learned');
  for (const block of path.toReversed()) {
    const fetch = replica.takeEffects().find((effect) => effect.kind === 'fetch-block');
    t.like(fetch, { id: block.id });
    t.is(replica.onBlock({ ...block, id: digest('9') }, 0), 'stale-period');
    t.is(replica.onBlock(block, 0), 'accepted');
  }
  const decided = replica.takeEffects().find((effect) => effect.kind === 'decided');
  t.like(decided, { blocks: ids.slice(1), finality: { kind: 'certificate' } });
  t.is(replica.status().decided.height, 2);
});

test('an era that starts beside what was decided here is a fork, and nothing is decided after it', (t) => {
  const decided = blockOn(ROOT, 1);
  const replica = replicaOf(undefined, { root: decided });
  t.is(replica.onDecidedOpening(decidedOpening(1), 0), 'learned');
  t.true(kinds(replica).includes('forked'));
  t.true(replica.status().isForked);
  t.false(replica.status().mayVote);
});

test('votes, blocks and chits of another era are refused, and a later era is asked for', (t) => {
  const replica = replicaOf();
  const vote = { kind: 'nullify', view: viewBefore({ era: 5, kind: 'opening' }) + 1 } as const;
  t.is(replica.onVote({ voter: 1, vote, proof: '' }, 0), 'future-period');
  t.is(replica.onCertificate(certified(vote), 0), 'future-period');
  t.is(replica.onBlock(blockOn(ROOT, vote.view), 0), 'future-period');
  const chit = { preference: ROOT.id, preferenceAtHeight: ROOT.id, lastAccepted: ROOT.id };
  for (const pollId of [0, -1, 1 + 2 * ERA_VIEWS, Number.NaN]) {
    t.not(replica.onChit(pollId, 1, chit, 0), 'counted');
  }
  t.deepEqual(
    kinds(replica).filter((kind) => kind === 'fetch-era'),
    ['fetch-era'],
  );
  for (const view of [0, -1, 0.5, Number.NaN, Number.MAX_SAFE_INTEGER]) {
    const odd = { ...vote, view };
    t.notThrows(() => replica.onVote({ voter: 1, vote: odd, proof: '' }, 0));
    t.notThrows(() => replica.onBlock({ ...blockOn(ROOT, 1), view }, 0));
  }
});

test('a member votes for no opening that leaves out what it decided', (t) => {
  const decided = blockOn(ROOT, 1);
  const replica = replicaOf(undefined, { root: decided });
  for (const cast of starts(10).slice(1)) replica.onStatement(cast, 0);
  const own = replica.takeEffects().find((effect) => effect.kind === 'state');
  if (own?.kind !== 'state') return t.fail('it halts');
  replica.onStatement({ voter: 0, statement: own.statement, proof: '0' }, 0);
  t.is(replica.onOpening(openingOf(1, starts(9)), 0), 'accepted');
  const votes = replica.takeEffects().filter((effect) => effect.kind === 'cast');
  t.false(votes.some(({ vote }) => vote.kind === 'notarize'));
});

test('the views of an era are its own', (t) => {
  for (const era of [0, 1, 2, 7]) {
    const kind = era % 2 === 0 ? 'polls' : 'opening';
    const before = viewBefore({ era, kind });
    t.deepEqual(periodOf(before + 1), { era, kind });
    t.deepEqual(periodOf(before + ERA_VIEWS).era, era);
    t.deepEqual(periodOf(before + ERA_VIEWS + 1).era, era + 1);
  }
});
