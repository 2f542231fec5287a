// Filters over a graph and its columns, against the exact scan of all matches.

import test from 'ava';
import { FlatIndex } from '../flat/flat-index.ts';
import { HnswIndex } from '../hnsw/hnsw-index.ts';
import { recallAtK } from '../recall.ts';
import { gaussianRows, numberedIds, rowOf } from '../sample-vectors.ts';
import { SeededRandom } from '../seeded-random.ts';
import { BoundFilter } from './bound-filter.ts';
import { ColumnTable } from './column-table.ts';
import { type FilterableIndex, filteredSearch } from './filtered-search.ts';
import { parseFilter } from './parse-filter.ts';
import { FILTER_PLANS } from './plan-search.ts';

const DIMENSION = 12;
const ROWS = 4_000;
const QUERIES = 12;
const SCHEMA = { share: 'number', colour: 'keyword', near: 'boolean' } as const;

const vectors = gaussianRows(1, ROWS, DIMENSION);
const queries = gaussianRows(2, QUERIES, DIMENSION);

function filled<Index extends HnswIndex | FlatIndex>(index: Index): Index {
  index.insertBatch(numberedIds(ROWS), vectors);
  for (let row = 0; row < ROWS; row += 10) index.delete(`doc-${row}`);
  return index;
}

const options = { dimension: DIMENSION, metric: 'euclidean' } as const;
const graph = filled(new HnswIndex({ ...options, m: 12, efConstruction: 80 }));
const exact = filled(new FlatIndex(options));

function tableOver(index: HnswIndex | FlatIndex) {
  const random = new SeededRandom(9);
  const table = new ColumnTable(SCHEMA);
  for (const [row, id] of numberedIds(ROWS).entries()) {
    const share = random.nextOpenUnit();
    const colour = `c${random.nextUint32() % 5}`;
    const slot = index.slotOf(id);
    // A column that goes with the vectors: its matches lie together, and far from many queries.
    const near = (vectors[row * DIMENSION] as number) > 1.5;
    if (slot !== undefined) table.set(slot, { share, colour, near });
  }
  return table;
}

const tables = { graph: tableOver(graph), exact: tableOver(exact) };

const filters = [
  { share: { lt: 2 } },
  { share: { lt: 0.8 } },
  { share: { lt: 0.3 }, colour: { in: ['c1', 'c2', 'c3'] } },
  { or: [{ share: { lt: 0.02 } }, { share: { gt: 0.97 } }] },
  { share: { lt: 0.01 } },
  { share: { lt: 0.001 } },
  { near: true },
  { not: { near: true } },
  { colour: 'c9' },
];

for (const json of filters) {
  test(`${JSON.stringify(json)}: every plan returns k rows that match, nearly all of the nearest`, (t) => {
    const predicate = parseFilter(SCHEMA, json);
    const filter = new BoundFilter(tables.graph, predicate);
    const oracle = new BoundFilter(tables.exact, predicate).select();
    for (const plan of [undefined, ...FILTER_PLANS]) {
      let recall = 0;
      for (let row = 0; row < QUERIES; row++) {
        const query = rowOf(queries, DIMENSION, row);
        const expected = exact.scan(query, { k: 10, accept: oracle }).hits;
        const search = { k: 10, efSearch: 80, kind: 'hnsw', filter } as const;
        const index: FilterableIndex = graph;
        const found = filteredSearch(
          index,
          query,
          plan === undefined ? search : { ...search, plan },
        );
        t.is(found.hits.length, Math.min(10, oracle.count));
        t.is(new Set(found.hits.map(({ id }) => id)).size, found.hits.length);
        t.true(found.hits.every(({ id }) => filter.matches(graph.slotOf(id) ?? -1)));
        if (found.explanation.plan === 'pre-filter') t.deepEqual(found.hits, expected);
        recall += expected.length === 0 ? 1 : recallAtK(found.hits, expected);
      }
      t.true(recall / QUERIES > 0.95, `${plan}: ${recall / QUERIES}`);
    }
  });
}
