import { TRAINING_ROWS_MIN } from '../ivf/ivf-options.ts';
import { type CostModel, type MeasuredCost, predictCosts, questionTerms } from './cost-model.ts';
import { leastSquares } from './least-squares.ts';
import { freeDistances, walkTerms } from './walk-distances.ts';

/**
 * Fits the coefficients to measured costs by least squares over logarithms, so that being wrong by
 * a factor counts the same everywhere.
 *
 * @throws RangeError when the cells do not determine the coefficients
 */
export function fitCostModel(cells: readonly MeasuredCost[]): CostModel {
  const graphs = cells.filter((cell) => Number.isFinite(cell.hnsw));
  const walks = graphs.filter((cell) => !Number.isNaN(freeDistances(cell.hnsw, cell.rows)));
  const lists = cells.filter((cell) => cell.rows >= TRAINING_ROWS_MIN && Number.isFinite(cell.ivf));
  const model = {
    rowsMax: cells.reduce((most, { rows }) => Math.max(most, rows), 0),
    efSearch: leastSquares(
      graphs.map(questionTerms),
      graphs.map((cell) => Math.log(cell.efSearch)),
    ),
    walk: leastSquares(
      walks.map((cell) => walkTerms(walkedWidth(cell), cell.rows)),
      walks.map((cell) => Math.log(freeDistances(cell.hnsw, cell.rows))),
    ),
    probes: leastSquares(
      lists.map(questionTerms),
      lists.map((cell) => Math.log(cell.probes)),
    ),
    efSearchMargin: 1,
    probesMargin: 1,
  };
  return {
    ...model,
    efSearchMargin: marginOf(graphs, model, 'hnsw'),
    probesMargin: marginOf(lists, model, 'ivf'),
  };
}

function walkedWidth({ efSearch, rows, selectivity }: MeasuredCost): number {
  return Math.min(rows, efSearch / selectivity);
}

/** By how much widths fall short in nine of ten questions for which the kind may be picked. */
function marginOf(cells: readonly MeasuredCost[], model: CostModel, kind: 'hnsw' | 'ivf'): number {
  const shortfalls = cells
    .filter((cell) => cell[kind] <= 2 * Math.min(cell.flat, cell.hnsw, cell.ivf))
    .map((cell) => {
      const { width = 1 } = predictCosts(cell, model)[kind];
      return (kind === 'hnsw' ? cell.efSearch : cell.probes) / width;
    })
    .toSorted((a, b) => a - b);
  return Math.max(1, shortfalls[Math.floor(0.9 * shortfalls.length)] ?? 1);
}
