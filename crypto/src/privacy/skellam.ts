// Symmetric Skellam noise, the difference of two Poisson variables of equal mean: rejection from
// blocks of doubling rarity, drawn with fair coins, against the exact log-probability.

import { skellamLogRatio } from './skellam-log-ratio.ts';
import type { UniformDraws } from './uniform-draws.ts';

/** Above this the sum of a few deviations is no exact double. */
export const SKELLAM_VARIANCE_MAX = 2 ** 80;

/**
 * Samples with probability e^-μ I_|k|(μ), μ being the variance. The proposal is exact; acceptance is
 * a comparison of doubles whose error shifts each probability by less than 2^-40 of itself, so a
 * million coordinates add less than 2^-19 to ε.
 */
export class SkellamSampler {
  readonly #logRatio: (magnitude: number) => number;
  readonly #blockBits: number;
  readonly #logBound: number;

  /** @throws {RangeError} unless 0 < variance <= {@link SKELLAM_VARIANCE_MAX} */
  constructor(variance: number) {
    if (!(variance > 0 && variance <= SKELLAM_VARIANCE_MAX)) {
      throw new RangeError(`0 < variance <= ${SKELLAM_VARIANCE_MAX}, but variance = ${variance}`);
    }
    this.#logRatio = skellamLogRatio(variance);
    // Blocks of about one deviation: the proposal then follows the bell within a factor of two.
    this.#blockBits = Math.max(0, Math.round(Math.log2(variance) / 2));
    this.#logBound = this.#highestBlock();
  }

  sample(draws: UniformDraws): number {
    const bits = this.#blockBits;
    const width = 2 ** bits;
    while (true) {
      const block = blockOf(draws);
      const isNegative = draws.uint32() >>> 31 === 1;
      const within = bits <= 32 ? draws.uint32() >>> (32 - bits) : draws.below(width);
      const magnitude = block * width + (bits === 0 ? 0 : within);
      // Zero has one sign only.
      if (isNegative && magnitude === 0) continue;
      const logChance = this.#logRatio(magnitude) + block * Math.LN2 - this.#logBound;
      if (draws.uint53() * 2 ** -53 < Math.exp(logChance))
        return isNegative ? -magnitude : magnitude;
    }
  }

  /** Block i is proposed half as often as the one before, and likeliest at its start. */
  #highestBlock(): number {
    const width = 2 ** this.#blockBits;
    let highest = 0;
    for (let block = 1; ; block++) {
      const height = this.#logRatio(block * width) + block * Math.LN2;
      // Log-concave: once it falls it falls for good.
      if (height < highest) return highest;
      highest = height;
    }
  }
}

/** 0 with probability 1/2, 1 with 1/4, and so on. */
function blockOf(draws: UniformDraws): number {
  let block = 0;
  while (true) {
    const word = draws.uint32();
    if (word !== 0) return block + Math.clz32(word);
    block += 32;
  }
}
