import test from 'ava';
import { LearningError } from '../learning-error.ts';
import { type LearnOptions, learnPatterns } from './learn-patterns.ts';
import { DIMENSION, SCALE, topicQueries, topicRows, topicSite } from './query-fixture.ts';
import { quantised, squaredDistance } from './search-pattern.ts';

const OPTIONS: LearnOptions = {
  k: 10,
  recallTarget: 0.9,
  scale: SCALE,
  seed: 1,
  queriesPerCluster: 100,
};

test('each topic of a site becomes a pattern of whole numbers near its queries', async (t) => {
  const { index, oracle } = topicSite();
  const patterns = await learnPatterns(index, oracle, topicQueries(2, 300), OPTIONS);
  t.is(patterns.length, 3);
  for (const pattern of patterns) {
    const { centroid, cost, efSearch, expectedRecallMicros, queries, radius } = pattern;
    for (const number of [cost, efSearch, expectedRecallMicros, queries, radius]) {
      t.true(Number.isInteger(number) && number > 0);
    }
    t.true(queries >= 50 && queries <= 100);
    // The held-out half met 0.9; its lower bound lies below.
    t.true(expectedRecallMicros > 800_000 && expectedRecallMicros <= 1_000_000);
    const topic = centroid.indexOf(Math.max(...centroid));
    t.true(topic < 3);
    const own = quantised(topicRows(2, 300).subarray(topic * DIMENSION), SCALE);
    t.true(squaredDistance(own.subarray(0, DIMENSION), centroid) < 4 * radius);
  }
});

test('equal queries and seeds give equal patterns', async (t) => {
  const { index, oracle } = topicSite();
  const learn = () => learnPatterns(index, oracle, topicQueries(2, 200), OPTIONS);
  t.deepEqual(await learn(), await learn());
});

test('no pattern comes of fewer than fifty queries, however alike they are', async (t) => {
  const { index, oracle } = topicSite(200);
  const learn = (count: number, topics: number) =>
    learnPatterns(index, oracle, topicQueries(2, count, topics), OPTIONS);
  t.deepEqual(await learn(49, 1), []);
  // The radius covers nine of ten: 55 queries are 50 within it, 54 are not.
  t.is((await learn(56, 1)).length, 1);
  t.deepEqual(await learn(54, 1), []);
  t.deepEqual(await learn(0, 1), []);
});

test('queries without words belong to no pattern', async (t) => {
  const { index, oracle } = topicSite(200);
  const silent = { ...topicQueries(2, 100), base: new Float32Array(100 * DIMENSION) };
  t.deepEqual(await learnPatterns(index, oracle, silent, OPTIONS), []);
});

test('a cluster that no width serves well enough gives no pattern', async (t) => {
  const { index, oracle } = topicSite();
  const options = { ...OPTIONS, recallTarget: 1, efLadder: [10] };
  t.deepEqual(await learnPatterns(index, oracle, topicQueries(2, 300), options), []);
});

test('others get a turn while queries are clustered', async (t) => {
  const { index, oracle } = topicSite(200);
  let turns = 0;
  const pause = async () => void turns++;
  await learnPatterns(index, oracle, topicQueries(2, 200), { ...OPTIONS, pause });
  t.true(turns > 0);
});

for (const wrong of [
  { scale: 0 },
  { scale: 1.5 },
  { queriesPerCluster: 49 },
  { measuredMax: 10 },
]) {
  test(`learning with ${JSON.stringify(wrong)} is refused`, async (t) => {
    const { index, oracle } = topicSite(50);
    const learn = () => learnPatterns(index, oracle, topicQueries(2, 60), { ...OPTIONS, ...wrong });
    t.is((await t.throwsAsync(learn, { instanceOf: LearningError })).code, 'invalid-option');
  });
}

test('queries of another dimension are refused', async (t) => {
  const { index, oracle } = topicSite(50);
  const asked = { ...topicQueries(2, 60), encoded: new Float32Array(60) };
  const learn = () => learnPatterns(index, oracle, asked, OPTIONS);
  t.is((await t.throwsAsync(learn, { instanceOf: LearningError })).code, 'invalid-option');
});
