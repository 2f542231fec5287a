import { TRAINING_ROWS_MIN } from '../ivf/ivf-options.ts';
import { beamTerms, type CostModel, type MeasuredCost, questionTerms } from './cost-model.ts';
import { leastSquares } from './least-squares.ts';

/**
 * Fits the coefficients to measured costs by least squares over logarithms, so that being wrong by
 * a factor counts the same everywhere.
 *
 * @throws RangeError when the cells do not determine the coefficients
 */
export function fitCostModel(cells: readonly MeasuredCost[]): CostModel {
  const graphs = cells.filter((cell) => Number.isFinite(cell.hnsw));
  const lists = cells.filter((cell) => cell.rows >= TRAINING_ROWS_MIN && Number.isFinite(cell.ivf));
  return {
    rowsMax: cells.reduce((most, { rows }) => Math.max(most, rows), 0),
    efSearch: leastSquares(
      graphs.map(questionTerms),
      graphs.map((cell) => Math.log(cell.efSearch)),
    ),
    hnswDistances: leastSquares(
      graphs.map((cell) => beamTerms(cell.efSearch, cell.rows)),
      graphs.map((cell) => Math.log(cell.hnsw)),
    ),
    probes: leastSquares(
      lists.map(questionTerms),
      lists.map((cell) => Math.log(cell.probes)),
    ),
  };
}
