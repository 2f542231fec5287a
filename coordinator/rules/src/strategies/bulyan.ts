// Bulyan: El Mhamdi, Guerraoui, Rouault, "The Hidden Vulnerability of Distributed Learning in
// Byzantium", ICML 2018, section 4, over Krum.

import type { Combined } from './base-strategy.ts';
import { overColumns } from './columns.ts';
import { KRUM, KRUM_RULES, type KrumOptions, krumScores } from './krum.ts';
import { completeOptions } from './options.ts';
import { pairwiseSquaredDistances } from './pairwise-distances.ts';
import type { AcceptedReply } from './reply-intake.ts';
import { RobustStrategy, withMalicious } from './robust-strategy.ts';
import type { RoundContext } from './strategy.ts';

/**
 * θ = n − 2f models are taken by Krum, one after the other; every coordinate is the mean of the
 * β = θ − 2f values nearest to the median of those; n ≥ 4f + 3.
 */
export class Bulyan extends RobustStrategy<KrumOptions> {
  override readonly name = 'Bulyan';

  /** @throws {RulesError} `invalid-options` naming the option, the value and what was expected */
  constructor(options: Partial<KrumOptions> = {}) {
    super(completeOptions('Bulyan', options, KRUM, KRUM_RULES));
  }

  protected override needs() {
    const { numMaliciousNodes } = this.options;
    return { replies: 4 * numMaliciousNodes + 3, why: withMalicious(numMaliciousNodes) };
  }

  protected override combineAll(_: RoundContext, replies: readonly AcceptedReply[]): Combined {
    const malicious = this.options.numMaliciousNodes;
    const models = replies.map(({ model }) => model);
    const selected = selectByKrum(models, malicious);
    const count = selected.length;
    const kept = count - 2 * malicious;
    const model = overColumns(selected, (values, from) => {
      values.subarray(from, from + count).sort();
      return meanAroundMedian(values, from, count, kept);
    });
    return { model };
  }
}

function selectByKrum(models: readonly Float32Array[], malicious: number): Float32Array[] {
  const distances = pairwiseSquaredDistances(models);
  const left = models.map((_, place) => place);
  const selected: Float32Array[] = [];
  while (selected.length < models.length - 2 * malicious) {
    const scores = krumScores(distances, models.length, left, malicious);
    const best = left.reduce((a, b) => ((scores[b] as number) < (scores[a] as number) ? b : a));
    left.splice(left.indexOf(best), 1);
    selected.push(models[best] as Float32Array);
  }
  return selected;
}

/** Of sorted values the nearest to their median stand together; of equally near the lower. */
function meanAroundMedian(values: Float32Array, from: number, count: number, kept: number): number {
  const middle = from + (count >> 1);
  const upper = values[middle] as number;
  const median = count % 2 === 1 ? upper : ((values[middle - 1] as number) + upper) / 2;
  let first = from;
  while (
    first + kept < from + count &&
    (values[first + kept] as number) - median < median - (values[first] as number)
  ) {
    first++;
  }
  let sum = 0;
  for (let i = first; i < first + kept; i++) sum += values[i] as number;
  return sum / kept;
}
