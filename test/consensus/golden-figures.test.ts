// The golden results that matter most, as numbers: they hold wherever the repository is.

import {
  Bag,
  DEFAULT_SNOW_PARAMETERS,
  instanceRules,
  Mt19937,
  Snowball,
} from '@starling/consensus';
import type { Digest } from '@starling/shared';
import test from 'ava';
import { Flat } from './flat.ts';
import { consistent, governance, lockstep, pair, snowman } from './golden-line.ts';
import { colorOf, GoldenNetwork, goldenParameters } from './golden-network.ts';
import { runSnowman } from './golden-snowman.ts';

const DEFAULTS = goldenParameters(20, 15, 15, 20);

test('50 colours among 100 nodes: all on colour 46 after 5,093 polls', (t) => {
  const network = consistent();
  t.deepEqual(network.run(), { first: 4085, digest: '646fd9175942d9ea' });
  t.is(network.polls, 5093);
  t.is(network.tally(), '{46:100 }');
});

test('10 nodes that never change their colour do not turn a majority of 55', (t) => {
  const network = governance();
  t.deepEqual(network.run(), { first: 1115, digest: '7bcb1d4b73bea07a' });
  t.is(network.polls, 2135);
  t.is(network.tally(), '{0:90 1:10 }');
});

test('two alphas decide in 2,293 polls what a single alpha has not begun to decide', (t) => {
  const { fast, slow } = lockstep(['tree', goldenParameters(20, 11, 15, 20)], ['tree', DEFAULTS]);
  t.is(fast.polls, 2293);
  t.is(fast.tally(), '{5:100 }');
  t.is(slow.running.length, 100);
});

test('a tree decides among 10 colours in 3,187 polls while flat voting stands still', (t) => {
  const { fast, slow } = lockstep(['tree', DEFAULTS], ['flat', DEFAULTS]);
  t.is(fast.polls, 3187);
  t.is(fast.running.length, 0);
  t.is(slow.running.length, 100);
  t.is(slow.tally(), '{0:9 1:18 2:7 3:13 4:3 5:13 6:12 7:4 8:11 9:10 }');
});

const sweeps = [
  ['snowball', 2, 11, [2098, 2098, 2085]],
  ['snowball', 10, 11, [2309, 2457, 2294]],
  ['snowball', 2, 15, [2684, 2329, 2230]],
  ['snowball', 10, 15, [3535, 3632, 3238]],
  ['snowflake', 2, 11, [2086, 2089, 2076]],
  ['snowflake', 10, 11, [2275, 2448, 2294]],
  ['snowflake', 2, 15, [2684, 2329, 2227]],
  ['snowflake', 10, 15, [3375, 3632, 3238]],
] as const;

for (const [kind, colors, alphaPreference, expected] of sweeps) {
  test(`${kind}, ${colors} colours, alphaPreference ${alphaPreference}: ${expected} polls`, (t) => {
    const polls = expected.map((_, seed) => {
      const parameters = goldenParameters(20, alphaPreference, 15, 20);
      const network = new GoldenNetwork(kind, parameters, colors, new Mt19937(seed));
      network.addNodes(100, 'tree');
      network.run();
      return network.polls;
    });
    t.deepEqual(polls, [...expected]);
  });
}

test('polls grow with n as n log n does', (t) => {
  const polls = [20, 30, 100, 500, 1000, 2000].map((nodes) => {
    const network = pair(nodes);
    network.run();
    return network.polls;
  });
  t.deepEqual(polls, [401, 609, 2092, 10_851, 21_314, 43_700]);
});

test('with fewer nodes than alphaConfidence nothing is ever final', (t) => {
  for (const nodes of [5, 7, 10]) {
    const network = pair(nodes);
    network.run(5000);
    t.is(network.running.length, nodes);
  }
});

test('chains of blocks agree whether nodes run Snowflake, Snowball or both', (t) => {
  t.regex(snowman('mixed', 20), /^polls=423 agree=true lastAcceptedBlockIndex=4 height=2 /);
  t.regex(snowman('flake', 20), /^polls=423 agree=true /);
  t.regex(snowman('ball', 20), /^polls=423 agree=true /);
  t.regex(snowman('mixed', 200), /^polls=4836 agree=true lastAcceptedBlockIndex=9 height=4 /);
  t.regex(snowman('flake', 200), /^polls=4608 agree=true /);
  t.regex(snowman('ball', 200), /^polls=4483 agree=true lastAcceptedBlockIndex=3 height=2 /);
});

test('100 nodes that learn 50 blocks in random orders accept the same chain', (t) => {
  const { agree } = runSnowman(DEFAULTS, 50, 100, () => 'snowball', new Mt19937(0));
  t.true(agree);
});

test('flat voting follows the mode of each poll and counts polls in a row', (t) => {
  const [red, blue, green] = [0n, 1n, 2n].map(colorOf) as [Digest, Digest, Digest];
  const parameters = { k: 3, alphaPreference: 2, alphaConfidence: 3, beta: 2 };
  const rules = instanceRules({ ...DEFAULT_SNOW_PARAMETERS, ...parameters });
  const instance = new Snowball<Digest>(rules, red);
  const flat = new Flat(instance);
  const polls: readonly (readonly [readonly Digest[], Digest, boolean])[] = [
    [[blue, blue, blue], blue, false],
    [[green, green], blue, false],
    [[green, green, green], green, false],
    [[red, green, blue], green, false],
    [[green, green, green], green, false],
    [[green, green, green], green, true],
  ];
  for (const [votes, preference, finalized] of polls) {
    flat.recordPoll(Bag.of(...votes));
    t.is(flat.preference, preference);
    t.is(flat.finalized, finalized);
  }
  t.is(instance.strengthOf(green), 4);
});
