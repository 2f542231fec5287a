// Distributed differential privacy: every site adds a share of integer noise, and nobody sees less
// than the sum of enough shares (Kairouz, Liu and Steinke 2021; Agarwal, Kairouz and Liu 2021).

import { PARAMETERS_MAX } from '@starling/shared';
import {
  type GridNoise,
  type Sampling,
  skellamRdp,
  summedDiscreteGaussianRdp,
} from './accountant.ts';
import { roundedNormSquaredMax } from './conditional-rounding.ts';
import { powerOfTwoAtLeast } from './random-rotation.ts';
import type { RdpCurve } from './rdp-curve.ts';

export interface DistributedNoise {
  /** Sums of Skellam noise are Skellam: prefer it. */
  readonly mechanism: 'skellam' | 'discrete-gaussian';
  /** Coordinates of an update before padding. */
  readonly elements: number;
  /** Euclidean bound c of one site's update. */
  readonly clippingNorm: number;
  /** Standard deviation of the noise in the sum of `survivorsMin` sites, over `clippingNorm`. */
  readonly noiseMultiplier: number;
  /**
   * Fewest noise shares that an opened sum holds and that the adversary does not know: the fewest
   * survivors, less those who may collude with the coordinator.
   */
  readonly survivorsMin: number;
  /** Most sites that the sum may hold. */
  readonly participants: number;
  /** 32 bytes, public, drawn for this sum. */
  readonly rotationSeed: Uint8Array;
}

/** What follows from the settings; every participant derives the same bits. */
export interface NoiseShape {
  /** Coordinates on the wire: `elements`, padded to a power of two. */
  readonly paddedElements: number;
  /** Grid units of one unit of the update. */
  readonly scale: number;
  /** Squared Euclidean norm that a rounded update may have, in grid units. */
  readonly normSquaredMax: number;
  /** Standard deviation of one site's share in grid units; for `discrete-gaussian` a whole number. */
  readonly shareStdDev: number;
  /** Variance of one site's share, in squared grid units; for `skellam` a whole number. */
  readonly shareVariance: number;
}

/**
 * Bits that four deviations of the noisy sum fill. The rest of the ring is headroom: in the ring of
 * 32 bits a coordinate wraps at a thousand deviations. Finer grids gain nothing: at 24 bits the
 * rounding of hundreds of sites is below a millionth of the noise.
 */
export const NOISY_SUM_BITS = 24;
const DEVIATIONS = 4;
/** Norms in grid units, so that coordinates and their noise fit 32 bits. */
const GRID_NORM_MAX = 2 ** 30;

/** The inequality that the settings violate, undefined when there is none. */
export function noiseProblem(settings: DistributedNoise): string | undefined {
  const { clippingNorm, elements, noiseMultiplier, participants, survivorsMin } = settings;
  if (!(isWhole(elements) && elements >= 1 && elements <= PARAMETERS_MAX)) {
    return `1 <= elements <= ${PARAMETERS_MAX}, whole, but elements = ${elements}`;
  }
  if (!(clippingNorm > 0 && Number.isFinite(clippingNorm))) {
    return `0 < clippingNorm, finite, but clippingNorm = ${clippingNorm}`;
  }
  if (!(noiseMultiplier > 0 && noiseMultiplier <= 2 ** 20)) {
    return `0 < noiseMultiplier <= 2^20, but noiseMultiplier = ${noiseMultiplier}`;
  }
  if (!(isWhole(survivorsMin) && survivorsMin >= 1)) {
    return `1 <= survivorsMin, whole, but survivorsMin = ${survivorsMin}`;
  }
  if (!(isWhole(participants) && participants >= survivorsMin && participants <= 2 ** 20)) {
    return `survivorsMin <= participants <= 2^20, but participants = ${participants}`;
  }
  if (settings.rotationSeed.byteLength !== 32) {
    return `a rotation seed of 32 bytes, but it has ${settings.rotationSeed.byteLength}`;
  }
  return undefined;
}

/**
 * The scale solves 2^b = 2k √(ρ/d (cn)² + (γ²/4 + σ²) n) / γ for γ = 1/scale, with b bits, k = 4
 * deviations, ρ = 1, and σ one site's share (Kairouz, Liu and Steinke 2021, eq. 61).
 *
 * @throws {RangeError} with {@link noiseProblem}
 */
export function noiseShape(settings: DistributedNoise): NoiseShape {
  const problem = noiseProblem(settings);
  if (problem !== undefined) throw new RangeError(problem);
  const { clippingNorm: c, mechanism, participants: n, survivorsMin } = settings;
  const d = powerOfTwoAtLeast(settings.elements);
  const share = (settings.noiseMultiplier * c) / Math.sqrt(survivorsMin);
  const room = Math.sqrt(2 ** (2 * NOISY_SUM_BITS) - n * DEVIATIONS * DEVIATIONS);
  const spread = Math.sqrt((c * n * (c * n)) / d + share * share * n);
  const fitting = room / (2 * DEVIATIONS * spread);
  const scale = Math.min(fitting, (GRID_NORM_MAX - Math.sqrt(d)) / c);
  const normSquaredMax = roundedNormSquaredMax(c * scale, d);
  const shared = { paddedElements: d, scale, normSquaredMax };
  // Rounded up: the noise is never less than was asked for.
  if (mechanism === 'discrete-gaussian') {
    const shareStdDev = Math.ceil(share * scale);
    return { ...shared, shareStdDev, shareVariance: shareStdDev * shareStdDev };
  }
  const shareVariance = Math.ceil(share * scale * (share * scale));
  return { ...shared, shareStdDev: Math.sqrt(shareVariance), shareVariance };
}

/**
 * What one sum shows, for neighbours that differ in whether one site's update is there or zero. The
 * sensitivity is that of the rounded vector, so what rounding adds is paid for. Noise of exactly
 * `survivorsMin` shares is counted; more survivors show less.
 */
export function distributedNoiseRdp(settings: DistributedNoise, sampling: Sampling): RdpCurve {
  return gridRdp(settings, sampling, 1);
}

/**
 * What one sum shows of a single example of one site: the update with it and the one without are
 * both within the clipping norm, and so at most twice that apart. No amplification by sampling.
 */
export function distributedNoiseExampleRdp(settings: DistributedNoise): RdpCurve {
  return gridRdp(settings, { kind: 'all' }, 2);
}

function gridRdp(settings: DistributedNoise, sampling: Sampling, norms: number): RdpCurve {
  const { mechanism, participants, survivorsMin } = settings;
  const shape = noiseShape(settings);
  const norm = Math.sqrt(shape.normSquaredMax);
  const noise: GridNoise = {
    l2Sensitivity: norms * norm,
    // On the integers the sum of absolute values is at most the sum of squares.
    l1Sensitivity: norms * norm * Math.min(norm, Math.sqrt(shape.paddedElements)),
    variance: survivorsMin * shape.shareVariance,
  };
  if (mechanism === 'skellam') return skellamRdp(noise, sampling);
  const { paddedElements: elements, shareStdDev: summandStdDev } = shape;
  // τ grows with the summands, the noise too: the most of the one and the least of the other.
  const summed = { ...noise, elements, summandStdDev, summands: participants };
  return summedDiscreteGaussianRdp(summed, sampling);
}

function isWhole(value: number): boolean {
  return Number.isSafeInteger(value);
}
