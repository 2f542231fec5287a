// Losses of a fit as they come in: progress for whoever waits, means per epoch, and the end of a fit
// whose loss is no number.

import { TrainingError } from '../training-error.ts';
import { joined } from './feeds.ts';
import type { TrainingProgress, TrainingSettings } from './training-task.ts';

export interface FitSizes {
  readonly batch: number;
  /** Of an epoch; left out where only `endEpoch` tells. */
  readonly samples?: number | undefined;
}

export class FitMeter {
  readonly epochLosses: number[] = [];
  readonly #task: Pick<TrainingSettings, 'epochs' | 'onProgress'>;
  readonly #batch: number;
  readonly #steps: number | undefined;
  readonly #parts: Float32Array[] = [];
  #done = 0;
  #epochSum = 0;
  /** The last loss: how many samples it is the mean of is known at the epoch's end. */
  #held: number | undefined;

  constructor(task: Pick<TrainingSettings, 'epochs' | 'onProgress'>, sizes: FitSizes) {
    const { batch, samples } = sizes;
    this.#task = task;
    this.#batch = batch;
    this.#steps = samples === undefined ? undefined : task.epochs * Math.ceil(samples / batch);
  }

  /** Of every step so far. */
  get losses(): Float32Array {
    return joined(this.#parts);
  }

  get steps(): number {
    return this.#done;
  }

  /** @throws TrainingError `non-finite-loss` with the step */
  add(losses: Float32Array): void {
    for (const loss of losses) {
      if (!Number.isFinite(loss)) {
        throw new TrainingError(
          'non-finite-loss',
          `the loss of step ${this.#done} is ${loss}; lower the learning rate or check the samples`,
        );
      }
      this.#done++;
      this.#epochSum += (this.#held ?? 0) * this.#batch;
      this.#held = loss;
    }
    this.#parts.push(losses);
  }

  /** The losses since the last epoch were those of `samples` samples. */
  endEpoch(samples: number): void {
    const last = samples - (Math.ceil(samples / this.#batch) - 1) * this.#batch;
    this.epochLosses.push((this.#epochSum + (this.#held ?? 0) * last) / samples);
    this.#epochSum = 0;
    this.#held = undefined;
  }

  /** Tells whoever watches; `last` are the losses that came last. */
  report(last: Float32Array): void {
    const progress: TrainingProgress = {
      step: this.#done,
      steps: this.#steps,
      epoch: this.epochLosses.length,
      epochs: this.#task.epochs,
      loss: last.reduce((sum, loss) => sum + loss, 0) / last.length,
    };
    this.#task.onProgress?.(progress);
  }
}
