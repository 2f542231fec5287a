// D(w, N): how many distances a walk through a graph of N rows computes when it keeps the w nearest.
// Without an end of rows it would be F = c · (w + 8)^p · N^q; there are only N, so D is
// N · F / ∛(N³ + F³). A beam that is to hold ef accepted rows walks as one of width ef / s does.

/** Coefficients of log F over `walkTerms`, and the largest size that they were fitted to. */
export interface WalkModel {
  readonly rowsMax: number;
  /** log c, p, q */
  readonly walk: readonly number[];
}

/** Even the narrowest beam goes down from the top and ends among the neighbours of its goal. */
const WIDTH_OFFSET = 8;
/** A walk that saw nearly all rows does not tell how many more it would have seen. */
const TELLING_SHARE_MAX = 0.8;

/** Predicts the distances of a walk; never more than there are rows. */
export function walkDistances(width: number, rows: number, model: WalkModel): number {
  if (rows <= 0) return 0;
  const known = Math.min(rows, model.rowsMax);
  const terms = walkTerms(width, known);
  const logarithm = terms.reduce((sum, term, i) => sum + term * (model.walk[i] ?? 0), 0);
  // Past what was measured the paths grow as the logarithm of the size.
  const growth = rows > known ? Math.log(rows) / Math.log(known) : 1;
  const free = Math.exp(logarithm) * growth;
  return (rows * free) / Math.cbrt(rows ** 3 + free ** 3);
}

/** The terms that log F is linear in. */
export function walkTerms(width: number, rows: number): number[] {
  return [1, Math.log(width + WIDTH_OFFSET), Math.log(Math.max(1, rows))];
}

/** F, of a walk through so many rows that computed so many distances; NaN when they do not tell. */
export function freeDistances(distances: number, rows: number): number {
  if (distances > TELLING_SHARE_MAX * rows) return Number.NaN;
  return (rows * distances) / Math.cbrt(rows ** 3 - distances ** 3);
}
