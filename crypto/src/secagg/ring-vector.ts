// Vectors of a masked sum: elements of the ring Z/2^32 or Z/2^64 as little-endian 32-bit words, and
// behind them four statistics of 64 bits each whatever the ring. PSA-1, section 1.7.

import { type Checked, checked, refused } from '@starling/shared';
import { atOnce, inTurns, type Pace, type Steps, yieldingPace } from './pace.ts';
import { KERNEL_BYTES_MAX, ringKernel } from './ring-kernel.ts';
import type { RingOperation } from './ring-kernel-code.ts';

export interface RingLayout {
  /** Bits of an element: one word, or two with the low one first. */
  readonly ring: 32 | 64;
  readonly elements: number;
}

/** Statistics behind the elements: weight, weighted first and last loss, clipped coordinates. */
export const STATISTICS = 4;

/** Words of a vector: its elements, then `STATISTICS` of two words each. */
export function wordsOf(layout: RingLayout): number {
  return statisticsAt(layout) + STATISTICS * 2;
}

/** Bytes of a vector on the wire. */
export function bytesOf(layout: RingLayout): number {
  return wordsOf(layout) * 4;
}

/** Index of the first word of the statistics. */
export function statisticsAt(layout: RingLayout): number {
  return layout.elements * (layout.ring / 32);
}

/** Neighbouring bytes of a vector that the kernel takes at once, in lanes of `ring` bits. */
export interface RingChunk {
  readonly ring: 32 | 64;
  readonly start: number;
  readonly end: number;
}

/** The chunks of a vector, in order: the statistics are lanes of 64 bits whatever the elements. */
export function* chunksOf(layout: RingLayout): Generator<RingChunk, void, void> {
  const [tail, end] = [statisticsAt(layout) * 4, bytesOf(layout)];
  const runs =
    layout.ring === 64
      ? [[0, end, 64] as const]
      : [[0, tail, 32] as const, [tail, end, 64] as const];
  for (const [from, to, ring] of runs) {
    for (let start = from; start < to; start += KERNEL_BYTES_MAX) {
      yield { ring, start, end: Math.min(start + KERNEL_BYTES_MAX, to) };
    }
  }
}

/**
 * Adds `other` to `into`, each element modulo 2^32 or 2^64.
 * @throws {RangeError} when one of them has not the words of the layout.
 */
export function addInto(into: Uint32Array, other: Uint32Array, layout: RingLayout): void {
  combine('add', into, other, layout);
}

/**
 * Subtracts `other` from `into`, each element modulo 2^32 or 2^64.
 * @throws {RangeError} when one of them has not the words of the layout.
 */
export function subtractFrom(into: Uint32Array, other: Uint32Array, layout: RingLayout): void {
  combine('subtract', into, other, layout);
}

/**
 * Adds a vector as it came over the wire, without a copy and in turns; refuses any other length.
 * @throws {RangeError} when `into` has not the words of the layout.
 */
export async function addBytesInto(
  into: Uint32Array,
  bytes: Uint8Array,
  layout: RingLayout,
  pace: Pace = yieldingPace,
): Promise<Checked<void>> {
  assertWords(into, layout);
  if (bytes.byteLength !== bytesOf(layout)) return wrongLength(bytes, layout);
  return checked(await inTurns(combineSteps('add', into, bytes, layout), pace));
}

/** Reads a vector from the wire; refuses any other length. A copy. */
export function ringVectorFromBytes(bytes: Uint8Array, layout: RingLayout): Checked<Uint32Array> {
  if (bytes.byteLength !== bytesOf(layout)) return wrongLength(bytes, layout);
  const words = new Uint32Array(bytes.byteLength / 4);
  rawBytes(words).set(bytes);
  return checked(words);
}

/** The little-endian bytes of a vector; a copy. */
export function ringVectorToBytes(words: Uint32Array): Uint8Array {
  return rawBytes(words).slice();
}

/** @throws {RangeError} when `words` is no vector of this layout. */
export function assertWords(words: Uint32Array, layout: RingLayout): void {
  if (words.length !== wordsOf(layout)) {
    throw new RangeError(`a vector of ${words.length} words, the layout has ${wordsOf(layout)}`);
  }
}

/** The memory of `words`. WebAssembly is little-endian, so this room runs on such hosts only. */
export function rawBytes(words: Uint32Array): Uint8Array {
  return new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
}

function combine(
  operation: RingOperation,
  into: Uint32Array,
  other: Uint32Array,
  layout: RingLayout,
): void {
  assertWords(into, layout);
  assertWords(other, layout);
  atOnce(combineSteps(operation, into, rawBytes(other), layout));
}

function* combineSteps(
  operation: RingOperation,
  into: Uint32Array,
  other: Uint8Array,
  layout: RingLayout,
): Steps<void> {
  const target = rawBytes(into);
  try {
    for (const { ring, start, end } of chunksOf(layout)) {
      ringKernel.sum.set(target.subarray(start, end));
      ringKernel.other.set(other.subarray(start, end));
      ringKernel.run(operation, ring, end - start);
      target.set(ringKernel.sum.subarray(0, end - start), start);
      yield end - start;
    }
  } finally {
    ringKernel.wipe();
  }
}

function wrongLength(bytes: Uint8Array, layout: RingLayout): Checked<never> {
  const expected = `${bytesOf(layout)} of ${layout.elements} elements of ${layout.ring} bits`;
  return refused('wrong-dimension', `${bytes.byteLength} bytes are not the ${expected}`);
}
