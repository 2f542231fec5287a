// Draws from a symmetric Dirichlet distribution as normalised gamma variates (Marsaglia & Tsang 2000,
// "A Simple Method for Generating Gamma Variables"), in logarithms, so that a small α does not
// underflow to shares of 0/0.

/** Shares of `count` parts, `[count]`, that sum to one. */
export function drawDirichlet(count: number, alpha: number, uniform: () => number): Float64Array {
  const logs = Float64Array.from({ length: count }, () => logGamma(alpha, uniform));
  const largest = logs.reduce((most, log) => Math.max(most, log), Number.NEGATIVE_INFINITY);
  const shares = logs.map((log) => Math.exp(log - largest));
  const total = shares.reduce((sum, share) => sum + share, 0);
  return shares.map((share) => share / total);
}

/** The logarithm of a Gamma(α, 1) variate; below α = 1 by Gamma(α) = Gamma(α + 1) · U^(1/α). */
function logGamma(alpha: number, uniform: () => number): number {
  if (alpha < 1) return logGamma(alpha + 1, uniform) + Math.log(positive(uniform)) / alpha;
  const d = alpha - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = normal(uniform);
    const v = (1 + c * x) ** 3;
    if (v <= 0) continue;
    if (Math.log(positive(uniform)) < x * x * 0.5 + d - d * v + d * Math.log(v)) {
      return Math.log(d * v);
    }
  }
}

/** Marsaglia's polar method. */
function normal(uniform: () => number): number {
  for (;;) {
    const x = 2 * uniform() - 1;
    const y = 2 * uniform() - 1;
    const square = x * x + y * y;
    if (square > 0 && square < 1) return x * Math.sqrt((-2 * Math.log(square)) / square);
  }
}

function positive(uniform: () => number): number {
  return uniform() + 2 ** -33;
}
