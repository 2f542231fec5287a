import type { Digest } from '@starling/shared';
import test from 'ava';
import { LeaderSchedule } from '../simplex/leader-schedule.ts';
import type { BlockHeader } from '../simplex/vote.ts';
import { digestOf } from './digest-fixture.ts';
import { configOf, ROOT } from './snow-cluster-fixture.ts';
import { SNOW_TIMEOUTS, type SnowConfig, stallAfterMs } from './snow-config.ts';
import type { SnowEffect } from './snow-effect.ts';
import { SnowEngine } from './snow-engine.ts';

// Everybody is asked, four of five must agree, once.
const config: SnowConfig = {
  ...configOf(5, 0),
  parameters: {
    ...configOf(5, 0).parameters,
    k: 5,
    alphaPreference: 3,
    alphaConfidence: 4,
    beta: 1,
    concurrentRepolls: 1,
    maxOutstandingItems: 12,
  },
  safetyTarget: 0.5,
};
const leaders = new LeaderSchedule(5, config.leaderSeed);

function child(parent: BlockHeader, firstByte: number, view = parent.view + 1): BlockHeader {
  return {
    id: digestOf(firstByte),
    view,
    height: parent.height + 1,
    parent: parent.id,
    parentView: parent.view,
    leader: leaders.leaderOf(view),
  };
}

function taken<Kind extends SnowEffect['kind']>(engine: SnowEngine, kind: Kind) {
  return engine.takeEffects().filter((effect) => effect.kind === kind) as Extract<
    SnowEffect,
    { kind: Kind }
  >[];
}

function issue(engine: SnowEngine, ...blocks: readonly BlockHeader[]): void {
  for (const block of blocks) {
    engine.onBlock(block, 0);
    engine.onJudged(block.id, true, 0);
  }
}

function chitFor(preference: Digest, lastAccepted = ROOT.id) {
  return { preference, preferenceAtHeight: lastAccepted, lastAccepted };
}

test('a block is judged, polled on, and decided as soon as enough chits are in', (t) => {
  const engine = new SnowEngine(config);
  const block = child(ROOT, 1);
  t.is(engine.onBlock(block, 0), 'accepted');
  t.deepEqual(taken(engine, 'judge'), [{ kind: 'judge', block }]);
  t.is(engine.status().held.undecided, 0);
  engine.onJudged(block.id, true, 0);
  t.deepEqual(taken(engine, 'poll'), [{ kind: 'poll', pollId: 1, peers: [1, 2, 3, 4], height: 1 }]);
  for (const voter of [1, 2]) {
    t.is(engine.onChit(1, voter, chitFor(block.id), 10), 'counted');
    t.is(taken(engine, 'decided').length, 0);
  }
  t.is(engine.onChit(1, 3, chitFor(block.id), 10), 'counted');
  t.deepEqual(taken(engine, 'decided'), [
    { kind: 'decided', blocks: [block.id], finality: { kind: 'metastable', polls: 1, k: 5 } },
  ]);
  t.is(engine.onChit(1, 4, chitFor(block.id), 10), 'unknown-poll');
  t.is(engine.status().decided, block);
  t.true(engine.status().isIdle);
});

test('chits that do not belong are named', (t) => {
  const engine = new SnowEngine(config);
  issue(engine, child(ROOT, 1));
  t.is(engine.onChit(9, 1, chitFor(digestOf(1)), 0), 'unknown-poll');
  t.is(engine.onChit(1, 0, chitFor(digestOf(1)), 0), 'not-asked');
  t.is(engine.onChit(1, 1, chitFor(digestOf(1)), 0), 'counted');
  t.is(engine.onChit(1, 1, chitFor(digestOf(1)), 0), 'not-asked');
  t.is(engine.onSilence(1, 1, 0), 'not-asked');
  t.is(engine.onSilence(1, 2, 0), 'counted');
});

test('a vote for a block that is not voted on counts for its nearest undecided ancestor', (t) => {
  const engine = new SnowEngine(config);
  const block = child(ROOT, 1);
  issue(engine, block);
  const invalid = child(block, 2);
  engine.onBlock(invalid, 0);
  engine.onJudged(invalid.id, false, 0);
  const onInvalid = child(invalid, 3);
  t.is(engine.onBlock(onInvalid, 0), 'accepted');
  t.is(taken(engine, 'judge').filter((effect) => effect.block === onInvalid).length, 0);
  for (const voter of [1, 2, 3]) engine.onChit(1, voter, chitFor(onInvalid.id), 0);
  t.deepEqual(taken(engine, 'decided')[0]?.blocks, [block.id]);
});

test('an unknown preference is asked for; the other two blocks of the chit vote meanwhile', (t) => {
  const engine = new SnowEngine(config);
  const block = child(ROOT, 1);
  issue(engine, block);
  const unknown = child(block, 9);
  const chit = { ...chitFor(unknown.id), preferenceAtHeight: block.id };
  t.is(engine.onChit(1, 1, chit, 0), 'counted');
  t.deepEqual(taken(engine, 'fetch-block'), [{ kind: 'fetch-block', id: unknown.id }]);
  t.is(engine.onChit(1, 2, chitFor(digestOf(0x77)), 0), 'dropped');
});

test('a block before its parent waits, asks for the parent, and is judged after it', (t) => {
  const engine = new SnowEngine(config);
  const parent = child(ROOT, 1);
  const late = child(parent, 2);
  t.is(engine.onBlock(late, 0), 'accepted');
  t.deepEqual(taken(engine, 'fetch-block'), [{ kind: 'fetch-block', id: parent.id }]);
  engine.onBlock(parent, 0);
  t.deepEqual(taken(engine, 'judge'), [{ kind: 'judge', block: parent }]);
  engine.onJudged(parent.id, true, 0);
  t.deepEqual(taken(engine, 'judge'), [{ kind: 'judge', block: late }]);
});

test('a block that contradicts its parent, once that is known, is never judged', (t) => {
  const engine = new SnowEngine(config);
  const parent = child(ROOT, 1);
  const late = { ...child(parent, 2), height: 7 };
  t.is(engine.onBlock(late, 0), 'accepted');
  issue(engine, parent);
  t.true(taken(engine, 'judge').every(({ block }) => block === parent));
});

test('blocks that do not fit are refused with a reason', (t) => {
  const engine = new SnowEngine(config);
  const block = child(ROOT, 1);
  issue(engine, block);
  t.is(engine.onBlock(block, 0), 'duplicate');
  t.is(engine.onBlock({ ...child(ROOT, 2), view: 0.5 }, 0), 'malformed');
  t.is(engine.onBlock({ ...child(ROOT, 2), parentView: 9 }, 0), 'malformed');
  const { leader } = child(ROOT, 2);
  t.is(engine.onBlock({ ...child(ROOT, 2), leader: (leader + 1) % 5 }, 0), 'not-the-leader');
  t.is(engine.onBlock(child(ROOT, 2, 99), 0), 'too-far-ahead');
  t.is(engine.onBlock({ ...child(block, 2), height: 3 }, 0), 'wrong-height');
  t.is(engine.onBlock({ ...child(block, 2), parentView: 0 }, 0), 'wrong-parent');
  t.is(engine.onBlock({ ...child(ROOT, 2), parent: digestOf(0x55) }, 0), 'stale-parent');
  for (const voter of [1, 2, 3]) engine.onChit(1, voter, chitFor(block.id), 0);
  t.is(engine.onBlock(child(ROOT, 3), 0), 'too-old');
  t.is(engine.onBlock(block, 0), 'duplicate');
});

test('two blocks of a proposer for one view are evidence and both are voted on', (t) => {
  const engine = new SnowEngine(config);
  const [first, second] = [child(ROOT, 1), child(ROOT, 2)];
  issue(engine, first, second);
  const { leader } = first;
  t.deepEqual(taken(engine, 'conflicting-proposals'), [
    { kind: 'conflicting-proposals', leader, first, second },
  ]);
  t.is(engine.status().held.undecided, 2);
});

test('no proposer fills the room of the others, and all together not more than there is', (t) => {
  const engine = new SnowEngine(config);
  const fill = (view: number) => {
    const outcomes = Array.from({ length: 20 }, (_, i) =>
      engine.onBlock(child(ROOT, 10 * view + i, view), 0),
    );
    return outcomes.filter((outcome) => outcome === 'accepted').length;
  };
  t.deepEqual([1, 2, 3, 4, 5].map(fill), [4, 4, 4, 0, 0]);
  t.is(engine.onBlock(child(ROOT, 0xee, 5), 0), 'too-many-blocks');
  t.is(engine.status().held.blocks, 12);
});

test('a member makes us fetch no more than it was asked for', (t) => {
  const engine = new SnowEngine(config);
  issue(engine, child(ROOT, 1));
  for (let i = 0; i < 200; i += 1) engine.onChit(1, 1, chitFor(digestOf(0x20 + i)), 0);
  t.deepEqual(taken(engine, 'fetch-block').length, 1);
});

test('a poll does not wait for silent members beyond its time', (t) => {
  const engine = new SnowEngine(config);
  issue(engine, child(ROOT, 1));
  t.is(taken(engine, 'poll')[0]?.pollId, 1);
  engine.onTick(SNOW_TIMEOUTS.pollMs - 1);
  t.is(taken(engine, 'poll').length, 0);
  engine.onTick(SNOW_TIMEOUTS.pollMs);
  t.is(taken(engine, 'poll')[0]?.pollId, 2);
});

test('no poll goes out while too few members are within reach for it to succeed', (t) => {
  const engine = new SnowEngine(config);
  engine.setInactive(new Set([3, 4]));
  issue(engine, child(ROOT, 1));
  t.is(taken(engine, 'poll').length, 0);
  t.false(engine.status().isHealthy);
  engine.setInactive(new Set([4]));
  engine.onTick(1);
  t.deepEqual(taken(engine, 'poll')[0]?.peers, [1, 2, 3]);
});

test('members propose in turn, the next one when the first says nothing', (t) => {
  const views = [1, 2, 3, 4, 5];
  const turn = views.find((view) => leaders.leaderOf(view) === 0) ?? 0;
  const engine = new SnowEngine(config);
  const asked: number[] = [];
  for (const passed of views) {
    engine.setDemand(true, (passed - 1) * SNOW_TIMEOUTS.proposeMs);
    asked.push(...taken(engine, 'propose').map(({ view }) => view));
  }
  t.deepEqual(asked, [turn]);
  t.is(engine.status().view, 5);
  engine.setDemand(false, 60_000);
  t.is(taken(engine, 'propose').length, 0);
});

test('a stall is told after its time and again as long as it lasts, then polls stop', (t) => {
  const engine = new SnowEngine(config);
  const block = child(ROOT, 1);
  issue(engine, block);
  const afterMs = stallAfterMs(config);
  const stalls = [afterMs - 1, afterMs, afterMs + 1, 2 * afterMs].map((nowMs) => {
    engine.onTick(nowMs);
    return taken(engine, 'stalled').length;
  });
  t.deepEqual(stalls, [0, 1, 0, 1]);
  t.deepEqual(engine.chitAt(1), {
    preference: block.id,
    preferenceAtHeight: block.id,
    lastAccepted: ROOT.id,
  });
  t.is(engine.halt(), ROOT);
  engine.onTick(3 * afterMs);
  t.false(engine.hasEffects);
  t.is(engine.chitAt(1), undefined);
  t.is(engine.onChit(1, 1, chitFor(block.id), 0), 'halted');
});

test('a member is healthy while enough others are in reach and decisions come in time', (t) => {
  const engine = new SnowEngine(config);
  t.true(engine.status().isHealthy);
  const { maxItemProcessingTimeMs } = config.parameters;
  const block = child(ROOT, 1);
  issue(engine, block);
  engine.onTick(maxItemProcessingTimeMs);
  t.true(engine.status().isHealthy);
  engine.onTick(maxItemProcessingTimeMs + 1);
  t.false(engine.status().isHealthy);
  const [poll] = taken(engine, 'poll').slice(-1);
  for (const voter of [1, 2, 3]) {
    engine.onChit(poll?.pollId ?? 0, voter, chitFor(block.id), maxItemProcessingTimeMs + 2);
  }
  t.is(engine.status().decided, block);
  t.true(engine.status().isHealthy);
});

test('an observer polls and decides, and is neither asked nor answers', (t) => {
  const engine = new SnowEngine({ ...config, self: undefined });
  const block = child(ROOT, 1);
  engine.setDemand(true, 0);
  t.is(taken(engine, 'propose').length, 0);
  t.is(engine.chitAt(1), undefined);
  issue(engine, block);
  t.deepEqual(taken(engine, 'poll')[0]?.peers, [0, 1, 2, 3, 4]);
  for (const voter of [0, 1, 2, 3]) engine.onChit(1, voter, chitFor(block.id), 0);
  t.deepEqual(taken(engine, 'decided')[0]?.blocks, [block.id]);
});
