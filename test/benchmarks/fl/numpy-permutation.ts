// NumPy's legacy `RandomState(seed).permutation(n)`, so that a split that was published as a seed can be
// had again: Fisher–Yates from the end, each index drawn under a mask until it fits.

import type { Mt19937 } from '@starling/consensus';

/** `random` seeded by one word, as NumPy does it. */
export function numpyPermutation(random: Mt19937, count: number): Int32Array {
  const order = Int32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = upTo(random, i);
    [order[i], order[j]] = [order[j] ?? 0, order[i] ?? 0];
  }
  return order;
}

function upTo(random: Mt19937, most: number): number {
  const mask = 2 ** (32 - Math.clz32(most)) - 1;
  for (;;) {
    const value = (random.nextUint32() & mask) >>> 0;
    if (value <= most) return value;
  }
}
