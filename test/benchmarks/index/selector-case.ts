import { fitCostModel, type MeasuredCost, SEARCH_KINDS } from '@starling/index';
import type { Row } from '../benchmark.ts';
import {
  measureSelectorGrid,
  type Regret,
  regretOf,
  SELECTOR_GRID,
  type SelectorGrid,
} from './selector-grid.ts';
import type { VectorSet } from './vector-set.ts';

/**
 * The regret of the selector over a grid, beside that of always the same kind and that of the
 * selector under constants fitted to this very data, which `progress` prints as JSON.
 */
export function* measureSelector(
  name: string,
  set: VectorSet,
  progress: (text: string) => void,
  grid: SelectorGrid = SELECTOR_GRID,
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
  return { contender, case: name, figures: { ...regret } };
}
