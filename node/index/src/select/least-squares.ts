/** Keeps the normal equations solvable where terms hardly differ. */
const RIDGE = 1e-9;

/**
 * The coefficients under which the sums of terms come nearest to the targets, by the normal
 * equations and elimination with pivots.
 *
 * @param terms - `[cells × coefficients]`
 * @throws RangeError when there are no cells
 */
export function leastSquares(
  terms: readonly (readonly number[])[],
  targets: readonly number[],
): number[] {
  const width = terms[0]?.length;
  if (width === undefined) throw new RangeError('no cells to fit; measure some first');
  const matrix = Array.from({ length: width }, (_, i) =>
    Float64Array.from({ length: width + 1 }, (__, j) => (i === j ? RIDGE * terms.length : 0)),
  );
  for (const [at, row] of terms.entries()) {
    for (const [i, equation] of matrix.entries()) {
      for (let j = 0; j <= width; j++) {
        const value = j < width ? row[j] : targets[at];
        equation[j] = (equation[j] as number) + (row[i] as number) * (value as number);
      }
    }
  }
  return solve(matrix);
}

/** Gauss–Jordan elimination of `[n × (n + 1)]`. */
function solve(matrix: Float64Array[]): number[] {
  const size = matrix.length;
  for (let column = 0; column < size; column++) {
    const rest = matrix.slice(column);
    const pivot = rest.reduce((best, row) =>
      sizeAt(row, column) > sizeAt(best, column) ? row : best,
    );
    matrix.splice(matrix.indexOf(pivot), 1);
    matrix.splice(column, 0, pivot);
    for (const row of matrix) {
      if (row === pivot) continue;
      const factor = (row[column] as number) / (pivot[column] as number);
      for (let j = column; j <= size; j++)
        row[j] = (row[j] as number) - factor * (pivot[j] as number);
    }
  }
  return matrix.map((row, i) => (row[size] as number) / (row[i] as number));
}

function sizeAt(row: Float64Array, column: number): number {
  return Math.abs(row[column] as number);
}
