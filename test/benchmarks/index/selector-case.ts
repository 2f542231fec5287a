import { fitCostModel, type MeasuredCost, SEARCH_KINDS } from '@starling/index';
import type { BenchmarkContext, Row } from '../benchmark.ts';
import { MNIST_FOLDER, readMnist } from './mnist-images.ts';
import { sampledSet } from './sample-rows.ts';
import {
  measureSelectorGrid,
  type Regret,
  regretOf,
  SELECTOR_GRID,
  type SelectorGrid,
} from './selector-grid.ts';
import { deformedMnist, type VectorSet } from './vector-set.ts';

const QUICK_GRID: SelectorGrid = { ...SELECTOR_GRID, sizes: [100, 1_000, 4_000], queries: 30 };
const TABLE = 'what the selector picks, beside the best kind';
const MNIST_DIMENSION = 128;
const INDEPENDENT_DIMENSION = 16;

/** What the selector picks, on the data that its constants come from and on quite other data. */
export function* measureSelector(context: BenchmarkContext): Generator<Row> {
  const { isQuick, progress, seed, signal } = context;
  const grid = { ...(isQuick ? QUICK_GRID : SELECTOR_GRID), seed };
  const size = { rows: Math.max(...grid.sizes), queryCount: grid.queries, seed };
  const images = readMnist();
  if (images === undefined) progress(`selector: no mnist: ${MNIST_FOLDER} is not there`);
  else {
    const set = deformedMnist(images, { ...size, dimension: MNIST_DIMENSION });
    yield* selectorRows(`mnist-${MNIST_DIMENSION}`, set, progress, grid);
  }
  signal.throwIfAborted();
  const other = sampledSet('independent', { ...size, dimension: INDEPENDENT_DIMENSION });
  yield* selectorRows(`independent-${INDEPENDENT_DIMENSION}`, other, progress, grid);
}

/**
 * The regret of the selector over a grid, beside that of always the same kind and that of the
 * selector under constants fitted to this very data, which `progress` prints as JSON.
 */
export function* selectorRows(
  name: string,
  set: VectorSet,
  progress: (text: string) => void,
  grid: SelectorGrid,
): Generator<Row> {
  const cells: MeasuredCost[] = [];
  for (const cell of measureSelectorGrid(set, grid)) cells.push(cell);
  const fitted = fitCostModel(cells);
  progress(`selector constants fitted to ${name}: ${JSON.stringify(fitted)}`);
  yield row('selector', name, regretOf(cells));
  yield row('selector, fitted here', name, regretOf(cells, fitted));
  for (const kind of SEARCH_KINDS) {
    yield row(`always ${kind}`, name, regretOf(cells, undefined, [kind]));
  }
}

function row(contender: string, name: string, regret: Regret): Row {
  return { table: TABLE, contender, case: name, figures: { ...regret } };
}
