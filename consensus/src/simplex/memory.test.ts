import test from 'ava';
import fc from 'fast-check';
import {
  BLOCK_FETCHES_MAX,
  BLOCKS_PER_VIEW_MAX,
  BLOCKS_UNDECIDED_MAX,
  VIEWS_AHEAD_MAX,
  VIEWS_BEHIND_MAX,
  VIEWS_UNDECIDED_MAX,
} from './limits.ts';
import { ROOT } from './lockstep-fixture.ts';
import {
  blockAt,
  certificate,
  finalize,
  id,
  MEMBERS,
  notarize,
  nullify,
  replicaOf,
} from './replica-fixture.ts';
import type { BlockHeader, SimplexVote } from './vote.ts';

test('a stream of proposals, votes and certificates for far views fills no buffer', (t) => {
  const replica = replicaOf();
  for (let view = 1; view < 5000; view++) {
    for (let voter = 1; voter < MEMBERS; voter++) {
      for (const name of ['a', 'b', 'c']) {
        const vote = notarize(view, `${name}${view}${voter}`);
        replica.onVote({ voter, vote, proof: '' }, view);
        replica.onBlock(blockAt(view, `${name}${view}`), view);
      }
    }
    replica.takeEffects();
  }
  const { held } = replica.status();
  t.true(held.views <= VIEWS_AHEAD_MAX + 1);
  t.true(held.blocks <= BLOCKS_PER_VIEW_MAX * (VIEWS_AHEAD_MAX + 1));
});

test('views without a decision keep certificates only, and no proposals or votes', (t) => {
  const replica = replicaOf();
  for (let view = 1; view <= 1000; view++) {
    replica.onBlock(blockAt(view, `b${view}`), view);
    replica.onCertificate(certificate(nullify(view)), view);
    replica.takeEffects();
  }
  t.true(replica.status().held.blocks <= VIEWS_BEHIND_MAX + 1);
  t.is(replica.onVote({ voter: 1, vote: nullify(5), proof: '' }, 0), 'too-old');
  t.is(replica.onBlock(blockAt(5, 'late'), 0), 'too-old');
  replica.onBlock(blockAt(1001, 'last'), 0);
  replica.onCertificate(certificate(finalize(1001, 'last')), 0);
  t.deepEqual(replica.status().held, { views: 1, blocks: 0, wanted: 0 });
});

test('however long nothing is decided, blocks and views stay below their limits', (t) => {
  const replica = replicaOf(undefined);
  let parent = ROOT;
  for (let view = 1; view <= VIEWS_UNDECIDED_MAX + 20; view++) {
    const block = blockAt(view, `b${view}`, parent);
    const outcome = replica.onCertificate(certificate(notarize(view, block.id)), view);
    t.is(outcome, view <= VIEWS_UNDECIDED_MAX ? 'learned' : 'too-many-views');
    replica.onBlock(block, view);
    replica.takeEffects();
    parent = block;
  }
  const { held } = replica.status();
  const open = VIEWS_AHEAD_MAX + VIEWS_BEHIND_MAX + 1;
  t.true(held.blocks <= BLOCKS_UNDECIDED_MAX + open * BLOCKS_PER_VIEW_MAX);
  t.true(held.views <= VIEWS_UNDECIDED_MAX + open);
});

test('a parent that no certificate names is not fetched, and blocks that are come few at a time', (t) => {
  const replica = replicaOf(0);
  replica.setDemand(true, 0);
  const made = { ...blockAt(3, 'made'), parent: id('never was'), parentView: 2, height: 2 };
  replica.onCertificate(certificate(nullify(2)), 0);
  replica.onBlock(made, 0);
  t.is(replica.status().held.wanted, 0);
  for (let view = 3; view <= 60; view++) {
    replica.onCertificate(certificate(notarize(view, `b${view}`)), 0);
  }
  replica.takeEffects();
  replica.onTick(1000);
  const asked = replica.takeEffects().filter(({ kind }) => kind === 'fetch-block');
  t.true(replica.status().held.wanted > BLOCK_FETCHES_MAX);
  t.true(asked.length <= BLOCK_FETCHES_MAX, `${asked.length}`);
});

test('a leader builds on a long undecided chain as fast as on a short one', (t) => {
  const replica = replicaOf(0);
  replica.setDemand(true, 0);
  let parent = ROOT;
  let proposals = 0;
  for (let view = 1; view <= 4000; view++) {
    const block = blockAt(view, `b${view}`, parent);
    if (block.leader !== 0) replica.onBlock(block, view);
    replica.onCertificate(certificate(notarize(view, block.id)), view);
    replica.onBlock(block, view);
    const effects = replica.takeEffects();
    proposals += effects.filter(({ kind }) => kind === 'propose').length;
    parent = block;
  }
  t.true(proposals > 900);
});

const views = fc.oneof(fc.integer({ min: -1, max: 24 }), fc.constant(Number.NaN));
const names = fc.constantFrom('root', 'a', 'b', 'c', 'd');
const votes = fc.oneof(
  fc.record({ kind: fc.constantFrom('notarize', 'finalize'), view: views, block: names }),
  fc.record({ kind: fc.constant('nullify'), view: views }),
) as fc.Arbitrary<SimplexVote>;
const members = fc.integer({ min: -1, max: MEMBERS });
const headers = fc.record({
  id: names,
  view: views,
  height: fc.integer({ min: -1, max: 6 }),
  parent: names,
  parentView: views,
  leader: members,
}) as fc.Arbitrary<BlockHeader>;
const inputs = fc.array(
  fc.oneof(
    fc.record({ is: fc.constant('vote' as const), voter: members, vote: votes }),
    fc.record({ is: fc.constant('block' as const), block: headers }),
    fc.record({ is: fc.constant('certificate' as const), vote: votes, voters: fc.array(members) }),
    fc.record({ is: fc.constant('tick' as const), ms: fc.integer({ min: 0, max: 3000 }) }),
  ),
  { maxLength: 120 },
);

test('whatever comes in nothing throws, and no vote contradicts an earlier one', (t) => {
  fc.assert(
    fc.property(inputs, (list) => {
      const replica = replicaOf(1);
      let nowMs = 0;
      replica.setDemand(true, nowMs);
      const cast: SimplexVote[] = [];
      for (const input of list) {
        if (input.is === 'vote') replica.onVote({ ...input, proof: '' }, nowMs);
        else if (input.is === 'block') replica.onBlock(input.block, nowMs);
        else if (input.is === 'certificate') {
          replica.onCertificate(certificate(input.vote, input.voters), nowMs);
        } else {
          nowMs += input.ms;
          replica.onTick(nowMs);
        }
        for (const effect of replica.takeEffects()) {
          if (effect.kind === 'judge') replica.onJudged(effect.block.id, true, nowMs);
          if (effect.kind === 'cast') cast.push(effect.vote);
        }
      }
      t.is(contradictionOf(cast), undefined);
    }),
    { numRuns: 300 },
  );
});

function contradictionOf(cast: readonly SimplexVote[]): string | undefined {
  const seen = new Set<string>();
  for (const { kind, view } of cast) {
    const key = `${kind} ${view}`;
    const opposite = `${kind === 'nullify' ? 'finalize' : 'nullify'} ${view}`;
    if (seen.has(key) || (kind !== 'notarize' && seen.has(opposite))) return key;
    seen.add(key);
  }
  return undefined;
}
