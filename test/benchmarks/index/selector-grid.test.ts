import { fitCostModel, SEARCH_KINDS, selectIndex } from '@starling/index';
import test from 'ava';
import { sampledSet } from './sample-rows.ts';
import { selectorRows } from './selector-case.ts';
import { measureSelectorGrid, regretOf } from './selector-grid.ts';

const DIMENSION = 12;
const GRID = {
  sizes: [300, 3_000],
  ks: [1, 10],
  selectivities: [1, 0.1, 0.01],
  recalls: [0.9, 0.99],
  queries: 40,
  seed: 1,
};

const size = { dimension: DIMENSION, rows: 3_000, queryCount: 40, seed: 7 };
const set = sampledSet('independent', size);
const cells = [...measureSelectorGrid(set, GRID)];

test('every cell of the grid is measured, and the scan costs what the filter accepts', (t) => {
  t.is(cells.length, 24);
  for (const { flat, ivf, rows, selectivity } of cells) {
    t.is(flat, Math.max(1, Math.round(rows * selectivity)));
    t.true(Number.isFinite(ivf));
  }
});

test('the selector is within a tenth of the best on average, and never picks the worst', (t) => {
  const judged = [undefined, fitCostModel(cells)].map((model) => regretOf(cells, model));
  for (const { meanRegret, picksOfTheWorst } of judged) {
    t.true(meanRegret < 0.1, `${meanRegret}`);
    t.is(picksOfTheWorst, 0);
  }
});

test('each kind is best somewhere, or the grid would judge nothing', (t) => {
  const best = cells.map((cell) => {
    return SEARCH_KINDS.reduce((least, kind) => (cell[kind] < cell[least] ? kind : least));
  });
  t.true(new Set(best).size >= 2);
  const question = { rows: 3_000, k: 1, selectivity: 1, recall: 0.9 };
  t.is(selectIndex({ ...question, dimension: DIMENSION, vectorType: 'f32' }).kind, 'hnsw');
});

test('the benchmark shows the selector beside every fixed choice, and prints what it fitted', (t) => {
  const small = { ...GRID, sizes: [200, 1_500], selectivities: [1, 0.1], queries: 10 };
  const printed: string[] = [];
  const rows = [...selectorRows('few', set, (text) => printed.push(text), small)];
  t.deepEqual(
    rows.map((row) => row.contender),
    ['selector', 'selector, fitted here', 'always flat', 'always hnsw', 'always ivf'],
  );
  t.true(printed.some((text) => text.includes('"probesMargin"')));
});
