// Whole clusters of snow engines, from one seed each.

import test from 'ava';
import { type ClusterSpec, SnowCluster } from './snow-cluster-fixture.ts';

const base: ClusterSpec = { members: 20, faulty: 3, seed: 1, blocks: 5 };
const MINUTE = 60_000;

const worlds: readonly (readonly [string, Partial<ClusterSpec>])[] = [
  ['20 members', {}],
  ['20 members, another seed', { seed: 2 }],
  ['as many silent members as are tolerated', { silent: 3 }],
  ['a tenth of the messages lost', { lossPercent: 10 }],
  ['silent members and loss', { silent: 2, lossPercent: 5, seed: 3 }],
  ['proposers that show two blocks', { isTwoFaced: true, blocks: 3 }],
  ['two-faced proposers, silent members and loss', { isTwoFaced: true, silent: 2, lossPercent: 3 }],
  ['7 members, one of them silent', { members: 7, faulty: 1, silent: 1 }],
  ['50 members', { members: 50, faulty: 9, silent: 4, blocks: 3 }],
];

for (const [title, change] of worlds) {
  test(`${title}: everyone decides the same blocks`, (t) => {
    const cluster = new SnowCluster({ ...base, ...change });
    t.true(cluster.run(10 * MINUTE));
    t.true(cluster.agrees());
    t.true(cluster.polls.every((polls) => polls > 0));
  });
}

test('two blocks of one proposer are evidence, and one of them is rejected', (t) => {
  const cluster = new SnowCluster({ ...base, isTwoFaced: true, blocks: 1 });
  t.true(cluster.run(10 * MINUTE));
  t.true(cluster.effects.includes('conflicting-proposals'));
  t.true(cluster.effects.includes('rejected'));
});

test('with more members silent than are tolerated nothing is decided and the stall is told', (t) => {
  const cluster = new SnowCluster({ ...base, silent: 8 });
  t.false(cluster.run(MINUTE));
  t.true(cluster.decided.every((chain) => chain.length === 0));
  t.true(cluster.effects.includes('stalled'));
});

test('a split that no poll can break decides nothing wrong and is told as a stall', (t) => {
  const three = { members: 7, faulty: 1, silent: 1, isTwoFaced: true, seed: 0 };
  const cluster = new SnowCluster({ ...base, ...three });
  t.false(cluster.run(MINUTE / 2));
  t.true(cluster.agrees());
  t.true(cluster.effects.includes('stalled'));
});

test('the same seed decides the same blocks after the same polls', (t) => {
  const [first, second] = [1, 2].map(() => {
    const cluster = new SnowCluster({ ...base, silent: 1, lossPercent: 2 });
    cluster.run(10 * MINUTE);
    return [cluster.decided, cluster.polls, cluster.nowMs];
  });
  t.deepEqual(first, second);
});
