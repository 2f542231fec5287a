// What one round costs a site, for the two units that noise can protect. Costs of different units
// are never added to each other.

import { gaussianRdp, type Sampling } from './accountant.ts';
import {
  type DistributedNoise,
  distributedNoiseExampleRdp,
  distributedNoiseRdp,
} from './distributed-noise.ts';
import { RdpCurve } from './rdp-curve.ts';

/** `site`: whether the site took part at all. `example`: whether one example was among its data. */
export const PRIVACY_UNITS = ['site', 'example'] as const;
export type PrivacyUnit = (typeof PRIVACY_UNITS)[number];

/** One source of noise in a round, for people and for the record. */
export interface NoiseSource {
  readonly mechanism: 'skellam' | 'discrete-gaussian' | 'central-gaussian' | 'dp-sgd';
  readonly noiseMultiplier: number;
  /** Poisson sampling rate, 1 for any other selection. */
  readonly rate: number;
  readonly steps: number;
}

export interface RoundCost {
  /** Empty for a round without noise. */
  readonly sources: readonly NoiseSource[];
  readonly curves: Readonly<Record<PrivacyUnit, RdpCurve>>;
}

/** A round whose update leaves without noise: no bound for anyone. */
export const NO_NOISE: RoundCost = Object.freeze({
  sources: [],
  curves: { site: RdpCurve.NO_BOUND, example: RdpCurve.NO_BOUND },
});

/** A round with noise shares in the masked sum: protects against everyone who sees the sum. */
export function distributedCost(settings: DistributedNoise, sampling: Sampling): RoundCost {
  const { mechanism, noiseMultiplier } = settings;
  return {
    sources: [{ mechanism, noiseMultiplier, rate: rateOf(sampling), steps: 1 }],
    curves: {
      site: distributedNoiseRdp(settings, sampling),
      example: distributedNoiseExampleRdp(settings),
    },
  };
}

/**
 * A round whose sum the coordinator makes noisy before it hands the model out: protects against
 * those who receive the model, not against whoever sees or recomputes the sum.
 */
export function centralCost(noiseMultiplier: number, sampling: Sampling): RoundCost {
  return {
    sources: [{ mechanism: 'central-gaussian', noiseMultiplier, rate: rateOf(sampling), steps: 1 }],
    curves: {
      site: gaussianRdp(noiseMultiplier, sampling),
      // One example moves an update by up to twice the clipping norm.
      example: gaussianRdp(noiseMultiplier / 2, { kind: 'all' }),
    },
  };
}

export interface GradientNoise {
  readonly noiseMultiplier: number;
  /** Poisson sampling rate of a batch. */
  readonly rate: number;
  /** Noisy gradients taken in this round. */
  readonly steps: number;
}

/** A round that was trained with noisy gradients: protects each example from everyone outside. */
export function gradientCost({ noiseMultiplier, rate, steps }: GradientNoise): RoundCost {
  const step = gaussianRdp(noiseMultiplier, { kind: 'poisson', rate });
  return {
    sources: [{ mechanism: 'dp-sgd', noiseMultiplier, rate, steps }],
    curves: { site: RdpCurve.NO_BOUND, example: step.times(steps) },
  };
}

/** One round with two sources of noise: each bounds it, so the better bound of each order counts. */
export function combinedCost(a: RoundCost, b: RoundCost): RoundCost {
  return {
    sources: [...a.sources, ...b.sources],
    curves: {
      site: a.curves.site.least(b.curves.site),
      example: a.curves.example.least(b.curves.example),
    },
  };
}

function rateOf(sampling: Sampling): number {
  return sampling.kind === 'all' ? 1 : sampling.rate;
}
