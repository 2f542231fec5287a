import test from 'ava';
import { openSession } from '../engine/session.ts';
import { Graph } from '../graph/graph.ts';
import { type Mining, minedNegatives } from './mining.ts';

/** Squared distances of row 0 to five candidates; its own partner, at 1, is no negative. */
const SQUARED = [1, 0.2, 1.5, 1.2, 3];
const WIDTH = 8;

async function choices(mining: Mining, seeds: number, margin = 1, squared = SQUARED) {
  const graph = new Graph();
  const stepSeed = graph.input('seed', 'int64', []);
  const chosen = minedNegatives(graph, mining, {
    squared: graph.constant(squared, [1, squared.length]),
    positive: graph.constant([1], [1, 1]),
    isNegative: graph.constant(
      squared.map((_, j) => (j === 0 ? 0 : 1)),
      [1, squared.length],
    ),
    margin: graph.scalar(margin),
    stepSeed: () => stepSeed,
    width: WIDTH,
  });
  graph.output('chosen', chosen);
  const session = await openSession(graph.encode('mining'), { engine: 'native' });
  const counts = Array<number>(squared.length).fill(0);
  for (let seed = 0; seed < seeds; seed++) {
    const data = BigInt64Array.of(BigInt(seed));
    const results = await session.run({ seed: { type: 'int64', dims: [], data } });
    const at = Number(results['chosen']?.[0]);
    counts[at] = (counts[at] ?? 0) + 1;
  }
  await session.close();
  return counts;
}

test('hardest takes the nearest negative', async (t) => {
  t.deepEqual(await choices('hardest', 1), [0, 1, 0, 0, 0]);
});

test('semi-hard takes the nearest beyond the positive, within the margin', async (t) => {
  t.deepEqual(await choices('semiHard', 1), [0, 0, 0, 1, 0]);
});

test('semi-hard without such a negative takes the hardest', async (t) => {
  t.deepEqual(await choices('semiHard', 1, 0.1), [0, 1, 0, 0, 0]);
});

test('random takes every negative alike and never the partner', async (t) => {
  const counts = await choices('random', 4000);
  t.is(counts[0], 0);
  for (const count of counts.slice(1)) t.true(Math.abs(count - 1000) < 120, `${counts}`);
});

test('distance-weighted draws in inverse proportion to the density of distances', async (t) => {
  const counts = await choices('distanceWeighted', 4000);
  const weights = SQUARED.slice(1).map((squared) => {
    const d2 = Math.max(squared, 0.25);
    return d2 ** ((2 - WIDTH) / 2) * (1 - d2 / 4) ** ((3 - WIDTH) / 2);
  });
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  for (const [i, weight] of weights.entries()) {
    const expected = (4000 * weight) / total;
    t.true(Math.abs((counts[i + 1] ?? 0) - expected) < 5 * Math.sqrt(expected) + 5, `${counts}`);
  }
});
