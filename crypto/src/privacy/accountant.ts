// What one use of a mechanism costs, as a Rényi curve; costs of several uses are added.

import { RdpCurve } from './rdp-curve.ts';

/**
 * How who is in one use was chosen. `poisson` only where each was drawn independently with this
 * probability and the draw stays secret; every other selection, random or not, is `all`.
 */
export type Sampling =
  | { readonly kind: 'poisson'; readonly rate: number }
  | { readonly kind: 'all' };

/** Integer noise on integer vectors, both in units of the grid. */
export interface GridNoise {
  /** Largest Euclidean norm by which neighbouring sums differ. */
  readonly l2Sensitivity: number;
  /** The same in the sum of absolute values. */
  readonly l1Sensitivity: number;
  /** Variance of the noise in the sum, per coordinate. */
  readonly variance: number;
}

export interface SummedDiscreteGaussian extends GridNoise {
  /** Discrete Gaussians that the noise is the sum of. */
  readonly summands: number;
  /** Standard deviation of each. */
  readonly summandStdDev: number;
  readonly elements: number;
}

/**
 * Gaussian noise of `noiseMultiplier` times the Euclidean sensitivity; for the discrete Gaussian on
 * a grid the same bound holds (Canonne, Kamath and Steinke 2020, Theorem 4). Sampled: Mironov,
 * Talwar and Zhang 2019, §3.3, for neighbours that differ by one member present or absent.
 */
export function gaussianRdp(noiseMultiplier: number, sampling: Sampling): RdpCurve {
  assertPositive(noiseMultiplier, 'noiseMultiplier');
  const precision = 1 / noiseMultiplier ** 2;
  const rate = rateOf(sampling);
  if (rate === 1) return RdpCurve.of((order) => (order * precision) / 2);
  if (rate === 0) return RdpCurve.ZERO;
  return RdpCurve.of((order) => {
    const sum = binomialLogSum(order, rate, 0, (k) => ((k * k - k) / 2) * precision);
    return sum / (order - 1);
  });
}

/**
 * Skellam noise (Agarwal, Kairouz and Liu 2021, Theorem 3.5). Sums of Skellam noise are Skellam, so
 * it does not matter how many sites added to the variance.
 */
export function skellamRdp(noise: GridNoise, sampling: Sampling): RdpCurve {
  const { l1Sensitivity: l1, l2Sensitivity: l2, variance } = noise;
  assertPositive(variance, 'variance');
  return amplified(sampling, (order) => {
    const beyond = ((2 * order - 1) * l2 ** 2 + 6 * l1) / (4 * variance ** 2);
    return (order * l2 ** 2) / (2 * variance) + Math.min(beyond, (3 * l1) / (2 * variance));
  });
}

/** A sum of discrete Gaussians, which is almost one (Kairouz, Liu and Steinke 2021, Prop. 14). */
export function summedDiscreteGaussianRdp(
  noise: SummedDiscreteGaussian,
  sampling: Sampling,
): RdpCurve {
  const { elements, summands, summandStdDev, variance } = noise;
  assertPositive(variance, 'variance');
  const l1 = noise.l1Sensitivity / Math.sqrt(variance);
  const l2 = noise.l2Sensitivity / Math.sqrt(variance);
  let tau = 0;
  for (let j = 1; j < summands; j++) {
    tau += 10 * Math.exp(-2 * (Math.PI * summandStdDev) ** 2 * (j / (j + 1)));
  }
  return amplified(sampling, (order) =>
    Math.min(
      (order / 2) * l2 ** 2 + tau * elements,
      (order / 2) * (l2 ** 2 + 2 * l1 * tau + tau ** 2 * elements),
      (order / 2) * (l2 + Math.sqrt(elements) * tau) ** 2,
    ),
  );
}

/** Any curve under Poisson sampling: Zhu and Wang 2019, Theorem 5, never above the curve itself. */
function amplified(sampling: Sampling, natsAt: (order: number) => number): RdpCurve {
  const rate = rateOf(sampling);
  const whole = RdpCurve.of(natsAt);
  if (rate === 1) return whole;
  if (rate === 0) return RdpCurve.ZERO;
  const sampled = RdpCurve.of((order) => {
    const first = (order - 1) * Math.log1p(-rate) + Math.log1p((order - 1) * rate);
    const rest = binomialLogSum(
      order,
      rate,
      2,
      (k) => (k - 1) * natsAt(k) + (k === 2 ? 0 : Math.log(3)),
    );
    return logAdd(first, rest) / (order - 1);
  });
  return sampled.least(whole);
}

/** log Σ over k from `first` of C(order, k) (1 − rate)^(order − k) rate^k exp(logTerm(k)). */
function binomialLogSum(
  order: number,
  rate: number,
  first: number,
  logTerm: (k: number) => number,
): number {
  let sum = Number.NEGATIVE_INFINITY;
  for (let k = first; k <= order; k++) {
    const weight =
      logFactorial(order) -
      logFactorial(k) -
      logFactorial(order - k) +
      (order - k) * Math.log1p(-rate) +
      k * Math.log(rate);
    sum = logAdd(sum, weight + logTerm(k));
  }
  return sum;
}

function logAdd(a: number, b: number): number {
  const high = Math.max(a, b);
  if (!Number.isFinite(high)) return high;
  return high + Math.log1p(Math.exp(Math.min(a, b) - high));
}

const logFactorials = [0];

function logFactorial(n: number): number {
  for (let i = logFactorials.length; i <= n; i++) {
    logFactorials.push((logFactorials[i - 1] ?? 0) + Math.log(i));
  }
  return logFactorials[n] ?? 0;
}

function rateOf(sampling: Sampling): number {
  if (sampling.kind === 'all') return 1;
  const { rate } = sampling;
  if (rate >= 0 && rate <= 1) return rate;
  throw new RangeError(`0 <= rate <= 1, but rate = ${rate}`);
}

function assertPositive(value: number, name: string): void {
  if (!(value > 0 && Number.isFinite(value))) throw new RangeError(`${name} = ${value}`);
}
