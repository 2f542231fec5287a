import test from 'ava';
import { rowsOf } from '../measure-queries.ts';
import { evaluatePattern, type HeldOutQueries } from './evaluate-pattern.ts';
import { DIMENSION, SCALE, topicRows, topicSite } from './query-fixture.ts';
import { quantised, type SearchPattern } from './search-pattern.ts';

const WIDTH = 40;
const PATTERN: SearchPattern = {
  centroid: quantised(
    Float32Array.from({ length: DIMENSION }, (_, d) => (d === 0 ? 1 : 0)),
    SCALE,
  ),
  radius: 10_000,
  k: 10,
  efSearch: WIDTH,
  expectedRecallMicros: 900_000,
  cost: 100,
  queries: 60,
};

function heldOut(count: number): HeldOutQueries {
  const encoded = topicRows(9, count, 1);
  return { encoded, points: rowsOf(encoded, DIMENSION).map((row) => quantised(row, SCALE)) };
}

async function verdict(pattern: Partial<SearchPattern>, count = 60) {
  const site = { ...topicSite(), efSearch: WIDTH };
  return evaluatePattern({ ...PATTERN, ...pattern }, heldOut(count), site);
}

test('a pattern that does what it promises at no higher cost is accepted', async (t) => {
  const { queries, verdict: said, costRatioMicros, ...recall } = await verdict({});
  t.is(said, 'accept');
  t.is(queries, 60);
  t.is(costRatioMicros, 1_000_000);
  t.true(recall.recallMicros > 900_000 && recall.recallBoundMicros <= recall.recallMicros);
});

test('a site abstains with fewer than fifty held-out queries within the radius', async (t) => {
  const unmeasured = { recallMicros: 0, recallBoundMicros: 0, costRatioMicros: 0 };
  const nothing = { ...unmeasured, findsLess: false };
  t.deepEqual(await verdict({}, 49), { verdict: 'abstain', queries: 49, ...nothing });
  t.deepEqual(await verdict({ radius: 1 }), { verdict: 'abstain', queries: 0, ...nothing });
  t.is((await verdict({}, 50)).verdict, 'accept');
});

test('a pattern of another space, or of a search that no index makes, is not measured', async (t) => {
  t.is((await verdict({ centroid: new Int8Array(8) })).verdict, 'abstain');
  t.is((await verdict({ efSearch: 1e9 })).verdict, 'abstain');
  t.is((await verdict({ k: 0 })).verdict, 'abstain');
});

test('a promise may be two hundredths above the measured bound, and no more', async (t) => {
  const { recallBoundMicros } = await verdict({});
  const promising = (expectedRecallMicros: number) => verdict({ expectedRecallMicros });
  t.is((await promising(recallBoundMicros + 20_000)).verdict, 'accept');
  t.is((await promising(recallBoundMicros + 20_001)).verdict, 'reject');
});

test('a dearer pattern is rejected, however accurate', async (t) => {
  const dear = await verdict({ efSearch: 80 });
  t.is(dear.verdict, 'reject');
  t.true(dear.costRatioMicros > 1_050_000 && dear.recallMicros > 900_000);
});

test('a pattern that promises little is not accepted where it finds less than today', async (t) => {
  const poor = await verdict({ efSearch: 10, expectedRecallMicros: 0 });
  t.is(poor.verdict, 'abstain');
  t.true(poor.findsLess && poor.costRatioMicros < 1_000_000);
  // What it measured would say otherwise, and a verdict must follow from its numbers.
  t.true(poor.recallBoundMicros > 0 && poor.queries === 60);
});
