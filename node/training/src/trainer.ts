import { assertBuckets, assertParameters, type EncoderShape } from './encoder.ts';
import { TEMPERATURE_MIN } from './info-nce.ts';
import type { PairRows } from './pair-batch.ts';
import { assertSparseRows } from './sparse-rows.ts';
import type { EngineDescription, WorkerEngine } from './training-engine.ts';
import { assertFinite, TrainingError } from './training-error.ts';

/** How to train; every field is checked by `checkFitTask`. */
export interface FitSettings {
  /** Passes over the pairs. */
  readonly epochs: number;
  /** Adam's step size. */
  readonly learningRate: number;
  /** Most pairs in one batch; the pairs of an epoch are split evenly. */
  readonly batchSize: number;
  /** InfoNCE's τ. */
  readonly temperature: number;
  /** Seed of the shuffles; the same task and seed give the same parameters, bit for bit. */
  readonly seed: number;
}

export const DEFAULT_FIT_SETTINGS: FitSettings = Object.freeze({
  epochs: 2,
  learningRate: 0.005,
  batchSize: 256,
  temperature: 0.05,
  seed: 0,
});

/** The faster of the two that give the same bits everywhere. */
export const DEFAULT_ENCODER_ENGINE: WorkerEngine = 'wasm';

export const BATCH_SIZE_MAX = 1024;
export const EPOCHS_MAX = 1000;

/** What to train on and from where. Nothing in it is changed by a fit. */
export interface FitTask extends FitSettings {
  readonly shape: EncoderShape;
  /** [buckets × dimension] */
  readonly parameters: Float32Array;
  readonly pairs: PairRows;
}

export interface FitProgress {
  /** Epochs completed. */
  readonly epoch: number;
  readonly epochs: number;
  /** Steps completed. */
  readonly step: number;
  readonly steps: number;
  /** Mean loss of the last batch, in nats. */
  readonly loss: number;
}

export interface FitOptions {
  readonly signal?: AbortSignal;
  /** Called after every step. */
  readonly onProgress?: (progress: FitProgress) => void;
}

export interface FitResult {
  /** [buckets × dimension], a new array. */
  readonly parameters: Float32Array;
  /** Distinct pairs trained on: the weight of this update in a federated mean. */
  readonly examples: number;
  readonly steps: number;
  readonly firstLoss: number;
  readonly lastLoss: number;
  /** Mean batch loss of every epoch. */
  readonly epochLosses: readonly number[];
}

/** Port: something that can fit the encoder's table to pairs. */
export interface EncoderTrainer {
  /** What trains an encoder of this shape. */
  engine(shape: EncoderShape): EngineDescription;
  /** Rejects with a TrainingError; with `aborted` when the signal fires. */
  fit(task: FitTask, options?: FitOptions): Promise<FitResult>;
  /** Ends running fits with `stopped` and releases everything; later fits reject. */
  stop(): Promise<void>;
}

/**
 * Checks everything that an engine will trust.
 *
 * @throws TrainingError `invalid-options`, `shape-mismatch`, `empty-dataset` or
 *   `non-finite-parameter`, naming the violated rule
 */
export function checkFitTask(task: FitTask): void {
  const { shape, parameters, pairs } = task;
  const within = (name: string, value: number, min: number, max: number, whole: boolean) => {
    if (!(value >= min && value <= max && (!whole || Number.isInteger(value)))) {
      const kind = whole ? 'a whole number' : 'a number';
      throw new TrainingError('invalid-options', `${name} is ${value}: ${kind} ${min} … ${max}`);
    }
  };
  within('epochs', task.epochs, 1, EPOCHS_MAX, true);
  within('learningRate', task.learningRate, Number.MIN_VALUE, 10, false);
  within('batchSize', task.batchSize, 1, BATCH_SIZE_MAX, true);
  within('temperature', task.temperature, TEMPERATURE_MIN, 100, false);
  within('seed', task.seed, -(2 ** 31), 2 ** 32, true);
  assertParameters(shape, parameters);
  assertBuckets(shape, pairs.queries, 'queries');
  assertBuckets(shape, pairs.answers, 'answers');
  if (pairs.queries.rows !== pairs.answers.rows) {
    throw new TrainingError(
      'shape-mismatch',
      `${pairs.queries.rows} queries for ${pairs.answers.rows} answers: one answer per query`,
    );
  }
  if (pairs.queries.rows === 0) {
    throw new TrainingError('empty-dataset', 'no pairs to train on: add documents to this site');
  }
  assertSparseRows(pairs.queries, 'queries');
  assertSparseRows(pairs.answers, 'answers');
  assertFinite(parameters, 'parameters');
}
