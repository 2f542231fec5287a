// log I_k(μ) − log I_0(μ) of the modified Bessel function of the first kind, which is the logarithm
// of a Skellam variable's probability beside that of zero.

/** From here on four terms of Debye's expansion leave an error below 2^-50. */
const EXPANSION_MIN = 1024;
/** exp of this is zero in doubles. */
const LOG_NOTHING = -746;
/** Steps by which a backward recurrence forgets where it began. */
const RECURRENCE_RUN_IN = 64;

/** The ratio as a function of k >= 0, for μ > 0. */
export function skellamLogRatio(variance: number): (magnitude: number) => number {
  if (variance >= EXPANSION_MIN) {
    const atZero = logCorrection(0, variance);
    return (magnitude) => expandedLogRatio(magnitude, variance) - atZero;
  }
  const table = logRatioTable(variance);
  return (magnitude) => table[magnitude] ?? Number.NEGATIVE_INFINITY;
}

/** Uniform expansion for large orders (NIST DLMF 10.41.3), whose terms stay finite at k = 0. */
function expandedLogRatio(magnitude: number, variance: number): number {
  const slope = magnitude / variance;
  const root = Math.sqrt(1 + slope * slope);
  // √(k² + μ²) − μ without cancellation.
  const above = (magnitude * slope) / (root + 1);
  const exponent = above - magnitude * Math.asinh(slope);
  return exponent - Math.log1p(slope * slope) / 4 + logCorrection(slope / root, variance * root);
}

/** log of 1 + U_1(p)/k + … with p = k/w; every U_j(p)/k^j is a polynomial in p² over w^j. */
function logCorrection(p: number, w: number): number {
  const s = p * p;
  const u1 = (3 - 5 * s) / 24;
  const u2 = (81 + s * (-462 + 385 * s)) / 1152;
  const u3 = (30_375 + s * (-369_603 + s * (765_765 - 425_425 * s))) / 414_720;
  const u4 =
    (4_465_125 + s * (-94_121_676 + s * (349_922_430 + s * (-446_185_740 + 185_910_725 * s)))) /
    39_813_120;
  return Math.log1p((u1 + (u2 + (u3 + u4 / w) / w) / w) / w);
}

/** I_k / I_(k−1) = 1 / (2k/μ + I_(k+1) / I_k), from far out inwards, where it is stable. */
function logRatioTable(variance: number): Float64Array {
  const last = Math.ceil(45 * Math.sqrt(variance)) + 200;
  const logs = new Float64Array(last + 1);
  let ratio = 0;
  for (let k = last + RECURRENCE_RUN_IN; k > 0; k--) {
    ratio = 1 / ((2 * k) / variance + ratio);
    if (k <= last) logs[k] = Math.log(ratio);
  }
  let sum = 0;
  for (let k = 1; k <= last; k++) {
    sum += logs[k] as number;
    logs[k] = sum;
    if (sum < LOG_NOTHING) return logs.subarray(0, k + 1);
  }
  return logs;
}
