// What the plots of a report share: how they run simulations, and how often.

import type { Simulation, SimulationSpec } from '@starling/consensus';
import { runSimulation } from './run-simulation.ts';

export type { Figure } from '../chart/page.ts';

/** Invariant: `base` has no corrupt peers, no faults, an even split and the exchangeable level. */
export class Sweep {
  readonly base: SimulationSpec;
  readonly isQuick: boolean;
  readonly #signal: AbortSignal;
  readonly #onStep: (text: string) => void;

  constructor(
    spec: SimulationSpec,
    options: {
      readonly isQuick: boolean;
      readonly signal: AbortSignal;
      readonly onStep: (text: string) => void;
    },
  ) {
    this.base = {
      ...{ ...spec, level: 'exchangeable', engine: 'snow', weights: 'uniform', split: 0.5 },
      ...{ adversary: 'silent', adversaryShare: 0, loss: 0 },
      ...{ crash: undefined, partition: undefined },
    };
    this.isQuick = options.isQuick;
    this.#signal = options.signal;
    this.#onStep = options.onStep;
  }

  /** `many` simulations, or a fifth of them in a hurry. */
  runs(many: number): number {
    return this.isQuick ? Math.ceil(many / 5) : many;
  }

  /** The name of the parameters, such as "k 20, α 11/15, β 20". */
  get parameters(): string {
    const { alphaConfidence, alphaPreference, beta, k } = this.base;
    return `k ${k}, α ${alphaPreference}/${alphaConfidence}, β ${beta}`;
  }

  say(text: string): void {
    this.#signal.throwIfAborted();
    this.#onStep(text);
  }

  run(change: Partial<SimulationSpec>): Promise<Simulation> {
    return runSimulation({ ...this.base, ...change }, { signal: this.#signal });
  }
}
