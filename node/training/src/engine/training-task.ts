// What a trainer is asked for and what it answers.

import type { LossScalar } from '../losses/loss.ts';
import type { Schedule } from '../schedules/schedule.ts';
import { TrainingError } from '../training-error.ts';
import type { OptimizerState } from './optimizer-state.ts';
import type { Program } from './program.ts';
import type { SampleSet } from './sample-set.ts';
import type { SampleStream } from './sample-stream.ts';
import type { Samples } from './samples.ts';

/** A fit on arrays. */
export interface TrainingTask extends Samples, TrainingSettings {
  /**
   * From easy to hard (Bengio et al. 2009): each epoch draws from the easiest `share` of the samples, by
   * one number per sample, as many as there are samples in all.
   */
  readonly curriculum?: Curriculum;
}

export interface Curriculum {
  readonly difficulty: Float32Array;
  readonly share: Varying;
}

/** A fit on a set that `Trainer.load` took. */
export interface LoadedTrainingTask extends TrainingSettings {
  readonly samples: SampleSet;
  readonly curriculum?: Curriculum;
}

/**
 * A fit on samples that come in pieces. They are shuffled within a buffer; with the same seed, pieces
 * of other sizes give the same bits, and a stream that fits into the buffer the bits of an array.
 */
export interface StreamedTrainingTask extends TrainingSettings {
  /** Iterated once per epoch; the next block is read while one is trained on. */
  readonly samples: SampleStream;
  /** Samples that are held and shuffled together, at least a batch; 16,384 when left out. */
  readonly shuffleBuffer?: number;
  /** Samples of an epoch, where it is known: it is checked, and schedules need it. */
  readonly examples?: number;
}

export interface TrainingSettings extends Readonly<Partial<Record<LossScalar, Varying>>> {
  /** Flat, `[parameterCount]`; not changed. */
  readonly weights: Float32Array;
  readonly epochs: number;
  readonly learningRate: Varying;
  /** Of shuffles, dropout and mining; the same task gives the same weights. 0 when left out. */
  readonly seed?: number;
  /** Of an earlier fit's result: the optimiser goes on with it. It starts afresh when left out. */
  readonly optimizerState?: OptimizerState | undefined;
  /** For a program with the correction `proximal`; the anchor is `weights` when left out. */
  readonly proximal?: { readonly mu: number; readonly anchor?: Float32Array };
  /** For a program with the correction `control`: added to every gradient. */
  readonly control?: Float32Array;
  readonly signal?: AbortSignal;
  /** Called some seven times a second. */
  readonly onProgress?: (progress: TrainingProgress) => void;
}

/** A number, or one that changes from step to step. */
export type Varying = number | Schedule;

export interface TrainingProgress {
  /** Steps that are over. */
  readonly step: number;
  /** In all; `undefined` for a stream that does not say how many samples it has. */
  readonly steps: number | undefined;
  /** Epochs that are over. */
  readonly epoch: number;
  readonly epochs: number;
  /** Mean of the last steps. */
  readonly loss: number;
}

export interface TrainingResult {
  /** Flat, a new array. */
  readonly weights: Float32Array;
  /** Of every step, before it. */
  readonly losses: Float32Array;
  /** Mean over the samples of every epoch. */
  readonly epochLosses: readonly number[];
  readonly steps: number;
  /** What the optimiser remembers; `undefined` for one that remembers nothing. */
  readonly optimizerState: OptimizerState | undefined;
  /** Samples trained on: the weight of this update in a federated mean. */
  readonly examples: number;
}

export const TRAINING_EPOCHS_MAX = 100_000;

/** @throws TrainingError `invalid-options`, naming the violated rule */
export function checkTask(program: Program, task: TrainingSettings): void {
  const { epochs, seed = 0, proximal, control } = task;
  if (!Number.isInteger(epochs) || epochs < 1 || epochs > TRAINING_EPOCHS_MAX) {
    refuse(`epochs is ${epochs}: a whole number 1 … ${TRAINING_EPOCHS_MAX}`);
  }
  if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32) {
    refuse(`seed is ${seed}: a whole number 0 … ${2 ** 32 - 1}`);
  }
  const { corrections, loss } = program;
  const given = { proximal: proximal !== undefined, control: control !== undefined };
  for (const name of ['proximal', 'control'] as const) {
    if (given[name] && !corrections.includes(name)) {
      refuse(`${name} is given; compile the program with corrections: ['${name}']`);
    }
    if (!given[name] && corrections.includes(name)) {
      refuse(`the program is compiled with the correction ${name}; give it a value`);
    }
  }
  if (proximal !== undefined && !(proximal.mu >= 0)) refuse(`mu >= 0, but mu = ${proximal.mu}`);
  for (const name of ['temperature', 'margin'] as const) {
    if (task[name] !== undefined && !(name in loss.scalars)) {
      refuse(`${name} is given; the loss ${loss.name} has none`);
    }
  }
}

function refuse(message: string): never {
  throw new TrainingError('invalid-options', message);
}
