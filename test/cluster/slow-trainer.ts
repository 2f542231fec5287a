// A site's trainer that a test makes slower than any deadline, and lets go when it likes.

import { createSparseTrainer, type EncoderTrainer, TrainingError } from '@starling/training';
import type { ClusterSite } from './cluster-site.ts';

export class SlowTrainer {
  #release: (() => void) | undefined;
  #held: Promise<void> | undefined;
  /** Trainings that began to wait. */
  waits = 0;

  /** Takes the place of the trainer of a site that does not run yet. */
  constructor(site: ClusterSite) {
    site.createTrainer = () => this.#wrap(createSparseTrainer('built-in'));
  }

  hold(): void {
    this.#held ??= new Promise((resolve) => {
      this.#release = resolve;
    });
  }

  letGo(): void {
    this.#release?.();
    this.#held = undefined;
  }

  #wrap(trainer: EncoderTrainer): EncoderTrainer {
    return {
      engine: (shape) => trainer.engine(shape),
      stop: () => trainer.stop(),
      fit: async (task, options = {}) => {
        if (this.#held !== undefined) {
          this.waits += 1;
          await Promise.race([this.#held, aborted(options.signal)]);
        }
        return trainer.fit(task, options);
      },
    };
  }
}

function aborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    signal?.addEventListener('abort', () => reject(new TrainingError('aborted', 'it was aborted')));
  });
}
