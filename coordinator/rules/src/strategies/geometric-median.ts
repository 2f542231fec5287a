// Geometric median: Pillutla, Kakade, Harchaoui, "Robust Aggregation for Federated Learning", IEEE
// Transactions on Signal Processing 2022, algorithm 2 (RFA, the smoothed Weiszfeld algorithm).

import { type Combined, modelOf } from './base-strategy.ts';
import { above, completeOptions, type OptionRules, wholeFrom, yesOrNo } from './options.ts';
import type { AcceptedReply } from './reply-intake.ts';
import { RobustStrategy } from './robust-strategy.ts';
import { SAMPLING, SAMPLING_RULES, type SamplingOptions } from './select-nodes.ts';
import type { RoundContext } from './strategy.ts';

export interface GeometricMedianOptions extends SamplingOptions {
  /** ν: a distance below counts as this much. */
  readonly nu: number;
  readonly iterationsMax: number;
  /** Ends when an iteration moves the point by less than this share of the median distance. */
  readonly tolerance: number;
  /** Weights nodes by `weightedByKey` as the paper does, though the count is only claimed. */
  readonly weighted: boolean;
}

export const GEOMETRIC_MEDIAN: GeometricMedianOptions = Object.freeze({
  ...SAMPLING,
  nu: 1e-6,
  iterationsMax: 100,
  tolerance: 1e-5,
  weighted: false,
});

export const GEOMETRIC_MEDIAN_RULES: OptionRules<GeometricMedianOptions> = {
  ...SAMPLING_RULES,
  nu: above(0),
  iterationsMax: wholeFrom(1),
  tolerance: above(0),
  weighted: yesOrNo,
};

/** The point with the least sum of distances to the trained weights; less than half may lie. */
export class GeometricMedian extends RobustStrategy<GeometricMedianOptions> {
  override readonly name = 'GeometricMedian';

  /** @throws {RulesError} `invalid-options` naming the option, the value and what was expected */
  constructor(options: Partial<GeometricMedianOptions> = {}) {
    super(completeOptions('GeometricMedian', options, GEOMETRIC_MEDIAN, GEOMETRIC_MEDIAN_RULES));
  }

  protected override needs() {
    return { replies: 1, why: '' };
  }

  protected override combineAll(
    context: RoundContext,
    replies: readonly AcceptedReply[],
  ): Combined {
    const { weighted, iterationsMax, nu, tolerance } = this.options;
    const models = replies.map(({ model }) => model);
    const alphas = replies.map(({ weight }) => (weighted ? weight : 1));
    let point = clippedMean(modelOf(context), models);
    for (let i = 0; i < iterationsMax; i++) {
      const distances = models.map((model) => distanceTo(point, model));
      const weights = alphas.map((alpha, k) => alpha / Math.max(nu, distances[k] as number));
      const next = weightedMean(models, weights);
      const moved = distanceTo(point, next);
      point = next;
      if (moved <= tolerance * middleOf(distances)) break;
    }
    return { model: Float32Array.from(point) };
  }
}

/** Where to start, so that no lie is far away: updates clipped to the median of their lengths. */
function clippedMean(base: Float32Array, models: readonly Float32Array[]): Float64Array {
  const point = Float64Array.from(base);
  const lengths = models.map((model) => distanceTo(point, model));
  const radius = middleOf(lengths);
  for (const [k, model] of models.entries()) {
    const share = Math.min(1, radius / (lengths[k] as number) || 0) / models.length;
    for (let i = 0; i < point.length; i++) {
      point[i] = (point[i] as number) + share * ((model[i] as number) - (base[i] as number));
    }
  }
  return point;
}

function weightedMean(models: readonly Float32Array[], weights: readonly number[]): Float64Array {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const mean = new Float64Array(models[0]?.length ?? 0);
  for (const [k, model] of models.entries()) {
    const share = (weights[k] as number) / total;
    for (let i = 0; i < mean.length; i++) {
      mean[i] = (mean[i] as number) + share * (model[i] as number);
    }
  }
  return mean;
}

function distanceTo(point: Float64Array, model: Float32Array | Float64Array): number {
  let sum = 0;
  for (let i = 0; i < point.length; i++) {
    const difference = (model[i] as number) - (point[i] as number);
    sum += difference * difference;
  }
  return Math.sqrt(sum);
}

function middleOf(values: readonly number[]): number {
  return Float64Array.from(values).sort()[values.length >> 1] as number;
}
