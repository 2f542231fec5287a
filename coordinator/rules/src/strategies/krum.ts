// Krum: Blanchard, El Mhamdi, Guerraoui, Stainer, "Machine Learning with Adversaries: Byzantine
// Tolerant Gradient Descent", NIPS 2017, section 4.

import type { Combined } from './base-strategy.ts';
import { completeOptions, type OptionRules, wholeFrom } from './options.ts';
import { pairwiseSquaredDistances } from './pairwise-distances.ts';
import type { AcceptedReply } from './reply-intake.ts';
import { RobustStrategy, withMalicious } from './robust-strategy.ts';
import { SAMPLING, SAMPLING_RULES, type SamplingOptions } from './select-nodes.ts';
import type { RoundContext } from './strategy.ts';

export interface KrumOptions extends SamplingOptions {
  /** f, the most nodes (or groups) that may lie. */
  readonly numMaliciousNodes: number;
}

export const KRUM: KrumOptions = Object.freeze({ ...SAMPLING, numMaliciousNodes: 0 });

export const KRUM_RULES: OptionRules<KrumOptions> = {
  ...SAMPLING_RULES,
  numMaliciousNodes: wholeFrom(0),
};

/** The weights of the one node whose n − f − 2 nearest are nearest; n ≥ 2f + 3. */
export class Krum extends RobustStrategy<KrumOptions> {
  override readonly name = 'Krum';

  /** @throws {RulesError} `invalid-options` naming the option, the value and what was expected */
  constructor(options: Partial<KrumOptions> = {}) {
    super(completeOptions('Krum', options, KRUM, KRUM_RULES));
  }

  protected override needs() {
    const { numMaliciousNodes } = this.options;
    return { replies: 2 * numMaliciousNodes + 3, why: withMalicious(numMaliciousNodes) };
  }

  protected override combineAll(_: RoundContext, replies: readonly AcceptedReply[]): Combined {
    const models = replies.map(({ model }) => model);
    const [best] = krumOrder(models, this.options.numMaliciousNodes);
    return { model: (models[best as number] as Float32Array).slice() };
  }
}

/** The places of all models, the lowest Krum score first; of equal scores the earlier model. */
export function krumOrder(models: readonly Float32Array[], malicious: number): readonly number[] {
  const all = models.map((_, place) => place);
  const scores = krumScores(pairwiseSquaredDistances(models), models.length, all, malicious);
  return all.sort((a, b) => (scores[a] as number) - (scores[b] as number) || a - b);
}

/**
 * The score of each of `among`: the sum of its squared distances to the n − f − 2 nearest others,
 * at least one of them, n being how many they are. By place in `distances`, `[count × count]`.
 */
export function krumScores(
  distances: Float64Array,
  count: number,
  among: readonly number[],
  malicious: number,
): Float64Array {
  const scores = new Float64Array(count);
  const nearest = Math.max(1, among.length - malicious - 2);
  const others = new Float64Array(Math.max(0, among.length - 1));
  for (const i of among) {
    let filled = 0;
    for (const j of among) {
      if (j !== i) others[filled++] = distances[i * count + j] as number;
    }
    others.sort();
    for (let k = 0; k < Math.min(nearest, filled); k++) {
      scores[i] = (scores[i] as number) + (others[k] as number);
    }
  }
  return scores;
}
