// Losses of a fit as they come in: progress for whoever waits, means per epoch, and the end of a fit
// whose loss is no number.

import { TrainingError } from '../training-error.ts';
import type { TrainingProgress, TrainingTask } from './training-task.ts';

export interface FitSizes {
  readonly samples: number;
  readonly batch: number;
  readonly stepsPerEpoch: number;
}

export class FitMeter {
  readonly losses: Float32Array;
  readonly epochLosses: number[] = [];
  readonly #task: Pick<TrainingTask, 'epochs' | 'onProgress'>;
  readonly #sizes: FitSizes;
  #steps = 0;
  #epochSum = 0;

  constructor(task: Pick<TrainingTask, 'epochs' | 'onProgress'>, sizes: FitSizes) {
    this.#task = task;
    this.#sizes = sizes;
    this.losses = new Float32Array(task.epochs * sizes.stepsPerEpoch);
  }

  /** @throws TrainingError `non-finite-loss` with the step */
  add(losses: Float32Array): void {
    const { samples, batch, stepsPerEpoch } = this.#sizes;
    for (const loss of losses) {
      const inEpoch = this.#steps % stepsPerEpoch;
      if (!Number.isFinite(loss)) {
        throw new TrainingError(
          'non-finite-loss',
          `the loss of step ${this.#steps} is ${loss}; lower the learning rate or check the samples`,
        );
      }
      this.losses[this.#steps++] = loss;
      this.#epochSum += loss * Math.min(batch, samples - inEpoch * batch);
      if (inEpoch === stepsPerEpoch - 1) {
        this.epochLosses.push(this.#epochSum / samples);
        this.#epochSum = 0;
      }
    }
    this.#task.onProgress?.(this.#progress(losses));
  }

  #progress(last: Float32Array): TrainingProgress {
    return {
      step: this.#steps,
      steps: this.losses.length,
      epoch: this.epochLosses.length,
      epochs: this.#task.epochs,
      loss: last.reduce((sum, loss) => sum + loss, 0) / last.length,
    };
  }
}
