// One local training: from the base model to the clipped difference, the same whoever runs it and
// however often.

import { clipToNorm } from '@starling/rules';
import {
  type EncoderShape,
  euclideanNorm,
  fromMicros,
  type TrainingSettings,
} from '@starling/shared';
import {
  type EncoderTrainer,
  type FitProgress,
  type FitResult,
  type PairRows,
  TrainingError,
} from '@starling/training';

export interface TrainingTerms {
  readonly shape: EncoderShape;
  /** `[buckets × dimension]` */
  readonly base: Float32Array;
  readonly pairs: PairRows;
  readonly training: TrainingSettings;
  readonly seed: number;
  readonly clippingNormMicros: number;
}

export interface TrainingOptions {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: FitProgress) => void;
}

export interface TrainedDifference {
  /** Clipped difference to the base, `[elements]`. */
  readonly delta: Float32Array;
  /** True when the difference was scaled down to the norm. */
  readonly clipped: boolean;
  /** Euclidean norm before that. */
  readonly norm: number;
  readonly fit: FitResult;
}

/** Trains by these terms. @throws {TrainingError} when data, model or result break */
export async function trainDifference(
  trainer: EncoderTrainer,
  terms: TrainingTerms,
  options: TrainingOptions,
): Promise<TrainedDifference> {
  const { base, pairs, seed, shape, training } = terms;
  const fit = await trainer.fit(
    {
      shape,
      parameters: base,
      pairs,
      epochs: training.localEpochs,
      learningRate: fromMicros(training.learningRateMicros),
      batchSize: training.batchSize,
      temperature: fromMicros(training.temperatureMicros),
      seed,
    },
    options,
  );
  const delta = difference(fit.parameters, base);
  const norm = euclideanNorm(delta);
  if (!Number.isFinite(norm)) {
    throw new TrainingError(
      'non-finite-parameter',
      'the difference to the base has no finite norm',
    );
  }
  return { delta, clipped: clipToNorm(delta, fromMicros(terms.clippingNormMicros)), norm, fit };
}

function difference(after: Float32Array, before: Float32Array): Float32Array {
  if (after.length !== before.length) {
    throw new TrainingError('shape-mismatch', `${after.length} against ${before.length}`);
  }
  const delta = new Float32Array(after.length);
  for (let i = 0; i < delta.length; i++) delta[i] = (after[i] as number) - (before[i] as number);
  return delta;
}
