// Coordinates to whole steps: each goes to one of its two neighbours, up with the probability of its
// fraction, so that the mean of many is unbiased (to 2^-32 of a step, the grain of one draw).

import { KEYSTREAM_KEY_BYTES, Keystream } from '../keystream.ts';
import type { RandomSource } from '../random-source.ts';

/** Coordinates that are rounded at a time: their draws stay in the cache. */
export const ROUNDED_MAX = 1 << 14;

/** Random words in bulk: the keystream of a seed that is drawn once. */
export class RoundingBits {
  readonly #words = new Uint32Array(ROUNDED_MAX);
  readonly #bytes = new Uint8Array(this.#words.buffer);
  readonly #keystream: Keystream;

  constructor(random: RandomSource) {
    const seed = random(KEYSTREAM_KEY_BYTES);
    this.#keystream = new Keystream(seed);
    seed.fill(0);
  }

  /** The next `count` words, at most `ROUNDED_MAX`; they stand until the next draw. */
  draw(count: number): Uint32Array {
    this.#keystream.fill(this.#bytes.subarray(0, count * 4));
    return this.#words.subarray(0, count);
  }

  wipe(): void {
    this.#bytes.fill(0);
  }
}

export interface Rounding {
  /** Bound of a coordinate. */
  readonly clip: number;
  /** Steps per unit of a coordinate. */
  readonly unit: number;
  /** One draw per coordinate. */
  readonly draws: Uint32Array;
}

/**
 * Writes one word per coordinate; returns how many coordinates were clipped.
 * @throws {RangeError} for a coordinate that is not finite.
 */
export function roundNarrow(
  part: Float32Array,
  { clip, unit, draws }: Rounding,
  into: Uint32Array,
): number {
  let clipped = 0;
  for (let i = 0; i < part.length; i++) {
    let value = part[i] as number;
    if (!(value >= -clip && value <= clip)) {
      value = clipTo(value, clip);
      clipped += 1;
    }
    const steps = value * unit;
    const below = Math.floor(steps);
    into[i] = below + ((draws[i] as number) < (steps - below) * DRAWS ? 1 : 0);
  }
  return clipped;
}

/**
 * Writes `factor` times the steps, two words per coordinate; returns how many were clipped.
 * @throws {RangeError} for a coordinate that is not finite.
 */
export function roundWide(
  part: Float32Array,
  { clip, unit, draws }: Rounding,
  factor: number,
  into: Uint32Array,
): number {
  let clipped = 0;
  for (let i = 0; i < part.length; i++) {
    let value = part[i] as number;
    if (!(value >= -clip && value <= clip)) {
      value = clipTo(value, clip);
      clipped += 1;
    }
    const steps = value * unit;
    const below = Math.floor(steps);
    const rounded = below + ((draws[i] as number) < (steps - below) * DRAWS ? 1 : 0);
    writeWide(into, 2 * i, rounded * factor);
  }
  return clipped;
}

/** A whole number of at most 53 bits in two's complement, low word first. */
export function writeWide(words: Uint32Array, at: number, value: number): void {
  words[at] = value;
  words[at + 1] = Math.floor(value * 2 ** -32);
}

/** Equally likely values of one draw. */
const DRAWS = 2 ** 32;

function clipTo(value: number, clip: number): number {
  if (!Number.isFinite(value)) throw new RangeError(`a coordinate of the update is ${value}`);
  return Math.sign(value) * clip;
}
