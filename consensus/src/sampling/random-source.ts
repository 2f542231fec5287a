// Where the Snow family draws its samples from: a port, so that a simulation repeats from its seed
// and a live node draws unpredictably. The draws follow avalanchego's sampler word for word.

import { strict as assert } from 'node:assert';

export interface RandomSource {
  /** The next 32 uniform bits, as an unsigned number. */
  nextUint32(): number;
}

/** Up to here a 63-bit number modulo the bound fits the exact integers of a double. */
const FAST_BOUND_MAX = 2 ** 26;
const WORD = 2 ** 32;
const HALF_WORD = 2 ** 16;
const TOP_WORD = 2 ** 31 - 1;

/** The next 64 bits: two words, the first one high. */
export function nextUint64(random: RandomSource): bigint {
  const high = BigInt(random.nextUint32());
  return (high << 32n) | BigInt(random.nextUint32());
}

/**
 * A uniform integer in [0, maximum], 0 <= maximum < 2^64: masked when maximum + 1 is a power of
 * two, otherwise drawn again while it falls into the incomplete last range.
 */
export function uint64Inclusive(random: RandomSource, maximum: bigint): bigint {
  assert(maximum >= 0n && maximum < 1n << 64n, 'a maximum of 64 bits');
  if ((maximum & (maximum + 1n)) === 0n) return nextUint64(random) & maximum;
  if (maximum >= 1n << 63n) {
    for (;;) {
      const drawn = nextUint64(random);
      if (drawn <= maximum) return drawn;
    }
  }
  const range = maximum + 1n;
  const limit = (1n << 63n) - ((1n << 63n) % range);
  for (;;) {
    const drawn = BigInt.asUintN(63, nextUint64(random));
    if (drawn < limit) return drawn % range;
  }
}

/** A uniform integer in [0, bound), 1 <= bound <= 2^53: `uint64Inclusive` in plain numbers. */
export function drawBelow(random: RandomSource, bound: number): number {
  assert(bound >= 1 && bound <= 2 ** 53 && Number.isInteger(bound), 'a bound from 1 to 2^53');
  if (bound > FAST_BOUND_MAX) return Number(uint64Inclusive(random, BigInt(bound) - 1n));
  if ((bound & (bound - 1)) === 0) {
    random.nextUint32();
    return (random.nextUint32() & (bound - 1)) >>> 0;
  }
  for (;;) {
    const high = random.nextUint32() & TOP_WORD;
    const low = random.nextUint32();
    if (high === TOP_WORD && low >= WORD - incompleteRange(bound)) continue;
    // Digit by digit, so that small bounds stay within 32-bit arithmetic.
    const upper = ((high % bound) * HALF_WORD + (low >>> 16)) % bound;
    return (upper * HALF_WORD + (low & (HALF_WORD - 1))) % bound;
  }
}

/** 2^63 modulo the bound. */
function incompleteRange(bound: number): number {
  return ((2 ** 31 % bound) * (WORD % bound)) % bound;
}
