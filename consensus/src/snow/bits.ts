// A digest as 256 bits. Bit i is bit i mod 8, counted from the least significant, of byte i div 8:
// the order in which the decision tree asks for them.

import type { Digest } from '@starling/shared';

export const DIGEST_BITS = 256;

export type Bit = 0 | 1;

/** Bit `index` of a digest, 0 <= index < 256. */
export function bitOf(id: Digest, index: number): Bit {
  // Two digits per byte, the high one first.
  const digit = (index >> 3) * 2 + ((index & 4) === 0 ? 1 : 0);
  return ((nibbleAt(id, digit) >> (index & 3)) & 1) as Bit;
}

/** The first bit in [from, to) in which two digests differ; undefined when none does. */
export function firstDifference(
  from: number,
  to: number,
  left: Digest,
  right: Digest,
): number | undefined {
  if (left === right) return undefined;
  for (let index = from; index < to; index += 1) {
    if (bitOf(left, index) !== bitOf(right, index)) return index;
  }
  return undefined;
}

function nibbleAt(id: Digest, digit: number): number {
  const code = id.charCodeAt(digit);
  return code <= 57 ? code - 48 : code - 87;
}
