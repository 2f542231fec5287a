import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { SeededRandom } from '../seeded-random.ts';
import type { SearchResult } from '../vector-index.ts';
import { BoundFilter } from './bound-filter.ts';
import { ColumnTable } from './column-table.ts';
import { type FilterableIndex, filteredSearch } from './filtered-search.ts';
import { parseFilter } from './parse-filter.ts';
import { FILTER_PLANS } from './plan-search.ts';
import { RowSet } from './row-set.ts';

/**
 * Rows on a line, row i at i. It finds what is among the `sight` nearest rows: all of them when
 * that is infinite, and as few as an index of lists does whose probes miss the matches.
 */
class LineIndex implements FilterableIndex {
  readonly size: number;
  readonly #sight: number;

  constructor(size: number, sight = Infinity) {
    this.size = size;
    this.#sight = sight;
  }

  search(query: Float32Array, options: { k: number; efSearch?: number; accept?: RowSet }) {
    const seen = Math.min(this.#sight, this.size);
    return this.#nearest(query, this.#byDistance(query).slice(0, seen), options);
  }

  scan(query: Float32Array, options: { k: number; accept: RowSet }) {
    return this.#nearest(query, this.#byDistance(query), options);
  }

  slotOf(id: string): number {
    return Number(id);
  }

  #byDistance([at = 0]: Float32Array): number[] {
    const slots = Array.from({ length: this.size }, (_, slot) => slot);
    return slots.sort((a, b) => Math.abs(a - at) - Math.abs(b - at));
  }

  #nearest(
    [at = 0]: Float32Array,
    slots: readonly number[],
    { accept, k }: { k: number; accept?: RowSet },
  ): SearchResult {
    const compared = slots.filter((slot) => accept?.has(slot) ?? true);
    const hits = compared
      .slice(0, k)
      .map((slot) => ({ id: String(slot), distance: Math.abs(slot - at) }));
    return { hits, distanceComputations: compared.length };
  }
}

const query = Float32Array.of(123.25);
const asked = { efSearch: 20, kind: 'hnsw' } as const;
const idsOf = ({ hits }: SearchResult) => hits.map(({ id }) => Number(id));

function nearestOf(matches: RowSet, k: number): number[] {
  const sorted = [...matches].sort((a, b) => Math.abs(a - 123.25) - Math.abs(b - 123.25));
  return sorted.slice(0, k);
}

testProp(
  'the k nearest matches come back, by every plan and through every shortsighted index',
  [
    fc.array(fc.integer({ min: 0, max: 199 }), { maxLength: 40 }),
    fc.integer({ min: 1, max: 15 }),
    fc.constantFrom(...FILTER_PLANS, undefined),
    fc.constantFrom(Infinity, 40, 3),
  ],
  (t, slots, k, plan, sight) => {
    const filter = RowSet.fromSlots(slots);
    const options = { ...asked, k, filter, ...(plan === undefined ? {} : { plan }) };
    const index = new LineIndex(200, sight);
    const found = filteredSearch(index, query, options);
    const { explanation } = found;
    t.is(found.hits.length, Math.min(k, filter.count));
    t.is(new Set(idsOf(found)).size, found.hits.length);
    t.true(idsOf(found).every((slot) => filter.has(slot)));
    if (sight === Infinity || explanation.plan === 'pre-filter') {
      t.deepEqual(idsOf(found), nearestOf(filter, k));
    }
    t.is(explanation.distanceComputations, found.distanceComputations);
    t.is(explanation.matches, filter.count);
  },
);

const SIZE = 20_000;

function tableOfShares() {
  const random = new SeededRandom(11);
  const table = new ColumnTable({ share: 'number', group: 'keyword' } as const);
  for (let slot = 0; slot < SIZE; slot++) {
    table.set(slot, { share: random.nextOpenUnit(), group: slot % 2 === 0 ? 'even' : 'odd' });
  }
  return table;
}

const table = tableOfShares();
const schema = { share: 'number', group: 'keyword' } as const;

for (const share of [1, 0.9, 0.5, 0.1, 0.01, 0.001, 0.0001]) {
  test(`a filter of ${share * 100} % returns the k nearest matches`, (t) => {
    for (const sight of [Infinity, 64]) {
      for (const group of [undefined, 'even']) {
        const test = { share: { lt: share }, ...(group === undefined ? {} : { group }) };
        const filter = new BoundFilter(table, parseFilter(schema, test));
        const matches = filter.select();
        const index = new LineIndex(SIZE, sight);
        const found = filteredSearch(index, query, { ...asked, k: 10, filter });
        t.is(found.hits.length, Math.min(10, matches.count), `${share} ${sight} ${group}`);
        if (sight === Infinity) t.deepEqual(idsOf(found), nearestOf(matches, 10));
        const { explanation } = found;
        t.true(explanation.matches === undefined || explanation.matches === matches.count);
        if (share <= 0.01) t.is(explanation.plan, 'pre-filter');
        if (share <= 0.01) t.is(found.distanceComputations, matches.count);
      }
    }
  });
}

test('a filter that nearly everything matches is asked about the rows found, and about no others', (t) => {
  const filter = new BoundFilter(table, parseFilter(schema, { share: { lt: 0.9 } }));
  const found = filteredSearch(new LineIndex(SIZE), query, { ...asked, k: 10, filter });
  t.is(found.explanation.plan, 'post-filter');
  t.is(found.explanation.matches, undefined);
});

test('a plan that came short says so, and all matches are compared', (t) => {
  const filter = RowSet.range(SIZE - 100, SIZE);
  for (const plan of ['in-graph', 'post-filter'] as const) {
    const found = filteredSearch(new LineIndex(SIZE, 64), query, { ...asked, k: 10, filter, plan });
    t.deepEqual(idsOf(found), nearestOf(filter, 10));
    t.is(found.explanation.plan, 'pre-filter');
    t.deepEqual(found.explanation.cameShort, [plan]);
  }
});

test('nothing matches: nothing is compared', (t) => {
  const filter = new BoundFilter(table, parseFilter(schema, { group: 'neither' }));
  const found = filteredSearch(new LineIndex(SIZE), query, { ...asked, k: 10, filter });
  t.deepEqual(found.hits, []);
  t.is(found.distanceComputations, 0);
});
