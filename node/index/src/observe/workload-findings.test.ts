import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { gaussianRows, numberedIds, rowOf } from '../sample-vectors.ts';
import { SeededRandom } from '../seeded-random.ts';
import type { SearchOptions } from '../vector-index.ts';
import { ObservedIndex } from './graph-view-fixture.ts';
import { IndexObserver } from './index-observer.ts';

const DIMENSION = 16;
const ROWS = 1_000;

function built(rows = ROWS): ObservedIndex {
  const observed = new ObservedIndex({ dimension: DIMENSION, metric: 'euclidean' });
  observed.insert(numberedIds(rows), gaussianRows(1, rows, DIMENSION));
  return observed;
}

function ask(
  observer: IndexObserver,
  observed: ObservedIndex,
  queries: Float32Array,
  options: SearchOptions,
): void {
  for (let row = 0; row < queries.length / DIMENSION; row++) {
    const query = rowOf(queries, DIMENSION, row);
    observer.record(query, observed.index.search(query, options), options);
  }
}

/** Queries near stored rows, the r-th of them asked for in proportion to 1 / r. */
function zipfQueries(seed: number, count: number, rows: number): Float32Array {
  const random = new SeededRandom(seed);
  const stored = gaussianRows(1, rows, DIMENSION);
  const weights = Array.from({ length: rows }, (_, row) => 1 / (row + 1));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const queries = new Float32Array(count * DIMENSION);
  for (let i = 0; i < count; i++) {
    let left = random.nextOpenUnit() * total;
    const row = weights.findIndex((weight) => {
      left -= weight;
      return left <= 0;
    });
    queries.set(rowOf(stored, DIMENSION, Math.max(0, row)), i * DIMENSION);
  }
  return queries.map((x) => x + 0.01 * random.nextOpenUnit());
}

testProp(
  'Zipf queries over all rows are a hot spot, and the hottest row is named first',
  [fc.nat()],
  async (t, seed) => {
    const observed = built();
    const observer = new IndexObserver();
    ask(observer, observed, zipfQueries(seed, 600, ROWS), { k: 5 });
    const { findings } = await observer.inspect({ view: observed.view, metric: 'euclidean' });
    t.deepEqual(
      findings.map(({ name }) => name),
      ['hot-spot'],
    );
    t.is(findings[0]?.sampleIds[0], 'doc-0');
    t.true((findings[0]?.evidence['effectiveRows'] as number) < 100);
  },
  { numRuns: 6 },
);

test('hubs of high dimensions draw many queries and are neither hot nor skewed', async (t) => {
  const dimension = 200;
  const observed = new ObservedIndex({ dimension, metric: 'euclidean' });
  observed.insert(numberedIds(ROWS), gaussianRows(1, ROWS, dimension));
  const observer = new IndexObserver();
  const queries = gaussianRows(2, 400, dimension);
  for (let row = 0; row < 400; row++) {
    const query = rowOf(queries, dimension, row);
    observer.record(query, observed.index.search(query, { k: 1 }), { k: 1 });
  }
  const { findings } = await observer.inspect({ view: observed.view, metric: 'euclidean' });
  t.deepEqual(findings, []);
});

test('a hot spot cools down when the window has passed', async (t) => {
  const observed = built();
  const observer = new IndexObserver({ windowQueries: 500, sampleQueries: 50 });
  ask(observer, observed, zipfQueries(3, 600, 20), { k: 5 });
  const { subject } = observed;
  t.is((await observer.inspect(subject)).findings[0]?.name, 'hot-spot');
  ask(observer, observed, gaussianRows(8, 500, DIMENSION), { k: 5 });
  t.deepEqual((await observer.inspect(subject)).findings, []);
});

test('a few queries are too few to speak of', async (t) => {
  const observed = built();
  const observer = new IndexObserver();
  ask(observer, observed, new Float32Array(29 * DIMENSION), { k: 1, efSearch: 1 });
  t.deepEqual((await observer.inspect(observed.subject)).findings, []);
});

test('searches with too narrow a beam show as low recall with its interval', async (t) => {
  const observed = built(4_000);
  const observer = new IndexObserver();
  ask(observer, observed, gaussianRows(5, 300, DIMENSION), { k: 1, efSearch: 1 });
  const { findings, statistics } = await observer.inspect(observed.subject);
  t.deepEqual(
    findings.map(({ name }) => name),
    ['low-recall'],
  );
  const { lower = 0, mean = 0, queries, upper = 1 } = statistics.recall ?? {};
  t.true(lower < mean && mean < upper && upper < 0.95);
  t.is(queries, 64);
});

test('links that were cut show as low recall', async (t) => {
  const observed = built();
  for (let slot = 0; slot < observed.graph.table.slotCount; slot++) {
    observed.graph.memory.degrees[slot] = Math.min(2, observed.graph.memory.degrees[slot] ?? 0);
  }
  const observer = new IndexObserver();
  ask(observer, observed, gaussianRows(6, 200, DIMENSION), { k: 10 });
  const { findings } = await observer.inspect(observed.subject);
  t.is(findings.find(({ name }) => name === 'low-recall')?.severity, 'critical');
});

test('rows that came or went after a query do not count as misses', async (t) => {
  const observed = built();
  const observer = new IndexObserver();
  ask(observer, observed, gaussianRows(7, 200, DIMENSION), { k: 10 });
  for (let row = 0; row < 150; row++) observed.delete(`doc-${row}`);
  observed.insert(numberedIds(100), gaussianRows(70, 100, DIMENSION));
  const { findings, statistics } = await observer.inspect(observed.subject);
  t.deepEqual(findings, []);
  t.true((statistics.recall?.mean ?? 0) > 0.97);
});

test('without an auditor recall is unknown, never guessed', async (t) => {
  const observed = built();
  const observer = new IndexObserver();
  ask(observer, observed, gaussianRows(5, 100, DIMENSION), { k: 1, efSearch: 1 });
  const { findings, statistics } = await observer.inspect({
    view: observed.view,
    metric: 'euclidean',
  });
  t.deepEqual(findings, []);
  t.is(statistics.recall, undefined);
});
