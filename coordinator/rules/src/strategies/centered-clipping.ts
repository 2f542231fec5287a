// Centered clipping: Karimireddy, He, Jaggi, "Learning from History for Byzantine Robust Optimization",
// ICML 2021, algorithm 2 and section 4.

import type { ArrayRecord } from '@starling/shared';
import { type Combined, modelOf } from './base-strategy.ts';
import { above, completeOptions, type OptionRules, wholeFrom } from './options.ts';
import type { AcceptedReply } from './reply-intake.ts';
import { RobustStrategy } from './robust-strategy.ts';
import { SAMPLING, SAMPLING_RULES, type SamplingOptions } from './select-nodes.ts';
import { ServerState } from './server-state.ts';
import type { RoundContext } from './strategy.ts';

export interface CenteredClippingOptions extends SamplingOptions {
  /** τ: how far one update may pull from the centre. */
  readonly clippingRadius: number;
  /** L: how often the centre is moved in a round. */
  readonly iterations: number;
}

export const CENTERED_CLIPPING: CenteredClippingOptions = Object.freeze({
  ...SAMPLING,
  clippingRadius: 1,
  iterations: 1,
});

export const CENTERED_CLIPPING_RULES: OptionRules<CenteredClippingOptions> = {
  ...SAMPLING_RULES,
  clippingRadius: above(0),
  iterations: wholeFrom(1),
};

/**
 * v ← v + mean((Δ_i − v) min(1, τ / ‖Δ_i − v‖)), L times, from the last round's v; w ← w + v. One
 * node moves the model by at most 2τ/n an iteration. State: `center` (v).
 */
export class CenteredClipping extends RobustStrategy<CenteredClippingOptions> {
  override readonly name = 'CenteredClipping';
  readonly #state = new ServerState('CenteredClipping', ['center']);

  /** @throws {RulesError} `invalid-options` naming the option, the value and what was expected */
  constructor(options: Partial<CenteredClippingOptions> = {}) {
    super(completeOptions('CenteredClipping', options, CENTERED_CLIPPING, CENTERED_CLIPPING_RULES));
  }

  override state(): ArrayRecord {
    return this.#state.copy();
  }

  override restore(state: ArrayRecord): void {
    this.#state.restore(state);
  }

  protected override needs() {
    return { replies: 1, why: '' };
  }

  protected override combineAll(
    context: RoundContext,
    replies: readonly AcceptedReply[],
  ): Combined {
    const base = modelOf(context);
    const { clippingRadius, iterations } = this.options;
    let center = Float64Array.from(this.#state.read('center', base.length));
    for (let round = 0; round < iterations; round++) {
      const moved = center.slice();
      for (const { model } of replies) {
        const distance = distanceFrom(center, model, base);
        const share = Math.min(1, clippingRadius / distance) / replies.length;
        for (let i = 0; i < moved.length; i++) {
          const delta = (model[i] as number) - (base[i] as number);
          moved[i] = (moved[i] as number) + share * (delta - (center[i] as number));
        }
      }
      center = moved;
    }
    const model = base.map((weight, i) => weight + (center[i] as number));
    return { model, commit: () => this.#state.write({ center: Float32Array.from(center) }) };
  }
}

function distanceFrom(center: Float64Array, model: Float32Array, base: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < center.length; i++) {
    const away = (model[i] as number) - (base[i] as number) - (center[i] as number);
    sum += away * away;
  }
  return Math.sqrt(sum);
}
