import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { SearchWorkload } from './search-workload.ts';

const NOTHING = { hits: [], distanceComputations: 0 };

testProp(
  'the windows hold the last searches and the sample is bounded',
  [fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 20 }), fc.nat({ max: 60 })],
  (t, windowQueries, sampleQueries, searches) => {
    const workload = new SearchWorkload({ seed: 1, windowQueries, sampleQueries });
    for (let i = 0; i < searches; i++) {
      const hits = i % 3 === 0 ? [] : [{ id: `${i}`, distance: 0 }];
      workload.record(Float32Array.of(i), { hits, distanceComputations: i }, { k: 1 });
    }
    const last = [...Array(searches).keys()].slice(-windowQueries);
    t.deepEqual(
      [...workload.costs].sort((a, b) => a - b),
      last,
    );
    t.deepEqual(
      workload.nearestIds.map(Number).sort((a, b) => a - b),
      last.filter((i) => i % 3 !== 0),
    );
    t.is(workload.sample.length, Math.min(searches, sampleQueries));
    t.is(workload.searches, searches);
    t.is(workload.distances, (searches * Math.max(0, searches - 1)) / 2);
  },
);

test('the sample follows the workload and equal seeds draw equal samples', (t) => {
  const sampled = (seed: number) => {
    const workload = new SearchWorkload({ seed, windowQueries: 1_000, sampleQueries: 100 });
    for (let i = 0; i < 20_000; i++) workload.record(Float32Array.of(i), NOTHING, { k: 1 });
    return workload.sample.map(({ query }) => query[0] as number);
  };
  const ages = sampled(7).map((i) => 20_000 - i);
  const meanAge = ages.reduce((sum, age) => sum + age, 0) / ages.length;
  t.true(meanAge > 500 && meanAge < 2_000, `mean age ${meanAge}`);
  t.deepEqual(sampled(7), sampled(7));
  t.notDeepEqual(sampled(7), sampled(8));
});

test('a sampled query is a copy and forgets the signal of its search', (t) => {
  const workload = new SearchWorkload({ seed: 1, windowQueries: 4, sampleQueries: 4 });
  const query = Float32Array.of(1);
  workload.record(query, NOTHING, { k: 3, efSearch: 9, signal: AbortSignal.abort() });
  query[0] = 2;
  t.deepEqual(workload.sample, [{ query: Float32Array.of(1), options: { k: 3, efSearch: 9 } }]);
});

test('expansions are counted by slot when a search kept its trace', (t) => {
  const workload = new SearchWorkload({ seed: 1, windowQueries: 4, sampleQueries: 4 });
  workload.record(Float32Array.of(1), { ...NOTHING, expandedSlots: Int32Array.of(2, 0) }, { k: 1 });
  workload.record(Float32Array.of(1), { ...NOTHING, expandedSlots: Int32Array.of(2, 5) }, { k: 1 });
  t.deepEqual([...workload.expansions].slice(0, 6), [1, 0, 2, 0, 0, 1]);
});
