// A public random rotation: signs from a seed, then the Walsh–Hadamard transform. It spreads any
// vector evenly over its coordinates (Kairouz, Liu and Steinke 2021, §4.2), so that the sum of many
// fits few bits. Only + − × ÷ √ are used: every machine gets the same bits.

import { Keystream } from '../keystream.ts';
import { type Pace, yieldingPace } from '../secagg/pace.ts';
import { inTurns } from './in-turns.ts';

/** Butterflies or elements between two pauses: a few milliseconds. */
const PER_TURN = 1 << 19;
/** Elements of a block that stays in the cache through all its passes. */
const BLOCK_ELEMENTS = 1 << 12;

/**
 * Rotates in place; lengths and angles stay.
 *
 * @param values `[d]`, d a power of two
 * @param seed 32 bytes, public
 * @throws {RangeError} when d is no power of two, or the seed not 32 bytes
 */
export async function rotate(
  values: Float64Array,
  seed: Uint8Array,
  pace: Pace = yieldingPace,
): Promise<void> {
  await flipSigns(values, seed, pace);
  await hadamard(values, pace);
}

/** Undoes {@link rotate}. */
export async function unrotate(
  values: Float64Array,
  seed: Uint8Array,
  pace: Pace = yieldingPace,
): Promise<void> {
  await hadamard(values, pace);
  await flipSigns(values, seed, pace);
}

/** The least power of two that is not less. */
export function powerOfTwoAtLeast(elements: number): number {
  return 2 ** Math.ceil(Math.log2(elements));
}

/** Orthonormal, and its own inverse: `[d]` in place, d log₂ d additions. */
async function hadamard(values: Float64Array, pace: Pace): Promise<void> {
  const d = values.length;
  if (d < 1 || (d & (d - 1)) !== 0) throw new RangeError(`${d} elements: no power of two`);
  const block = Math.min(d, BLOCK_ELEMENTS);
  await inTurns(d, PER_TURN / 4, pace, (from, to) => {
    for (let start = from; start < to; start += block) {
      for (let half = 1; half < block; half *= 2) pass(values, start, start + block, half);
    }
  });
  for (let half = block; half < d; half *= 2) {
    // Butterfly b joins element 2b − b mod half with the one `half` further on.
    await inTurns(d / 2, PER_TURN, pace, (from, to) => {
      for (let b = from; b < to; b += half - (b % half)) {
        const at = 2 * b - (b % half);
        butterflies(values, at, Math.min(at + half - (b % half), at + to - b), half);
      }
    });
  }
  const norm = 1 / Math.sqrt(d);
  await inTurns(d, PER_TURN, pace, (from, to) => {
    for (let i = from; i < to; i++) values[i] = (values[i] as number) * norm;
  });
}

function pass(values: Float64Array, start: number, end: number, half: number): void {
  for (let at = start; at < end; at += 2 * half) butterflies(values, at, at + half, half);
}

function butterflies(values: Float64Array, from: number, to: number, half: number): void {
  for (let i = from; i < to; i++) {
    const a = values[i] as number;
    const b = values[i + half] as number;
    values[i] = a + b;
    values[i + half] = a - b;
  }
}

/** One bit of the seed's keystream for each element: 1 is minus. */
async function flipSigns(values: Float64Array, seed: Uint8Array, pace: Pace): Promise<void> {
  const bits = new Uint8Array(Math.ceil(values.length / 8));
  new Keystream(seed).fill(bits);
  await inTurns(values.length, PER_TURN, pace, (from, to) => {
    for (let i = from; i < to; i++) {
      if (((bits[i >> 3] as number) & (1 << (i & 7))) !== 0) values[i] = -(values[i] as number);
    }
  });
}
