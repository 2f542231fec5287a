// One local training: from the base model to the clipped difference, the same whoever runs it and
// however often.

import { appStrategy, clipToNorm } from '@starling/rules';
import {
  type AppTask,
  clientSeed,
  euclideanNorm,
  fromMicros,
  type MemberId,
  settingsOf,
  type TrainingSettings,
  type TrainingTask,
} from '@starling/shared';
import {
  type EncoderTrainer,
  type FitProgress,
  type PairRows,
  TrainingError,
} from '@starling/training';
import type { SiteApp } from '../site-app.ts';

export interface TrainingTerms {
  readonly round: number;
  readonly member: MemberId;
  readonly task: TrainingTask;
  /** Asked to train; what an app's strategy sends follows from them. */
  readonly cohort: readonly MemberId[];
  /** `[elements]` */
  readonly base: Float32Array;
  /** What the encoder is trained on. */
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
  readonly examples: number;
  readonly lossFirst: number;
  readonly lossLast: number;
}

/** Whoever trains here: the encoder's trainer, or the app that the federation agreed on. */
export interface SiteTrainers {
  readonly app?: SiteApp | undefined;
  readonly trainer: EncoderTrainer;
}

/** Trains by these terms. @throws {TrainingError} when data, model or result break */
export async function trainDifference(
  trainers: SiteTrainers,
  terms: TrainingTerms,
  options: TrainingOptions,
): Promise<TrainedDifference> {
  const { base } = terms;
  const trained =
    terms.task.app === null
      ? await fitEncoder(trainers.trainer, terms, options)
      : await trainApp(trainers.app, terms, terms.task.app, options.signal);
  const { after, ...counted } = trained;
  const delta = difference(after, base);
  const norm = euclideanNorm(delta);
  if (!Number.isFinite(norm)) {
    throw new TrainingError(
      'non-finite-parameter',
      'the difference to the base has no finite norm',
    );
  }
  const clipped = clipToNorm(delta, fromMicros(terms.clippingNormMicros));
  return { delta, clipped, norm, ...counted };
}

interface Trained extends Omit<TrainedDifference, 'clipped' | 'delta' | 'norm'> {
  readonly after: Float32Array;
}

async function fitEncoder(
  trainer: EncoderTrainer,
  { base, pairs, seed, task, training }: TrainingTerms,
  options: TrainingOptions,
): Promise<Trained> {
  const fit = await trainer.fit(
    {
      shape: task.encoder,
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
  const { examples, firstLoss: lossFirst, lastLoss: lossLast, parameters: after } = fit;
  return { after, examples, lossFirst, lossLast };
}

async function trainApp(
  app: SiteApp | undefined,
  { base, cohort, member, round, seed, task }: TrainingTerms,
  agreed: AppTask,
  signal: AbortSignal,
): Promise<Trained> {
  if (app === undefined) throw new TrainingError('engine-failed', 'no app is installed here');
  const strategy = appStrategy(agreed, task.aggregation);
  const clients = cohort.map((node) => ({ node, examples: undefined }));
  const context = {
    round,
    arrays: { model: base },
    clients,
    config: settingsOf(agreed.config),
    seed,
  };
  // Every node is sent the same.
  const [assignment] = strategy.configureTrain(context);
  const config = assignment?.content.config ?? context.config;
  const work = { round, weights: base, config, seed: clientSeed(seed, round, member), signal };
  const { examples, loss, weights } = await app.train(work);
  return { after: weights, examples, lossFirst: loss, lossLast: loss };
}

function difference(after: Float32Array, before: Float32Array): Float32Array {
  if (after.length !== before.length) {
    throw new TrainingError('shape-mismatch', `${after.length} against ${before.length}`);
  }
  const delta = new Float32Array(after.length);
  for (let i = 0; i < delta.length; i++) delta[i] = (after[i] as number) - (before[i] as number);
  return delta;
}
