// Vectors of a masked sum: elements of the ring Z/2^32 or Z/2^64 as little-endian 32-bit words, and
// behind them four statistics of 64 bits each whatever the ring. PSA-1, section 1.7.

import { type Checked, checked, refused } from '@starling/shared';
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

/** A run of words that are added in lanes of `ring` bits. */
export interface RingSegment {
  readonly ring: 32 | 64;
  readonly start: number;
  readonly end: number;
}

/** The runs of a vector, in order: with 64-bit elements the statistics belong to the same run. */
export function segmentsOf(layout: RingLayout): readonly RingSegment[] {
  const [tail, end] = [statisticsAt(layout), wordsOf(layout)];
  if (layout.ring === 64) return [{ ring: 64, start: 0, end }];
  return [
    { ring: 32, start: 0, end: tail },
    { ring: 64, start: tail, end },
  ];
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

/** Reads a vector from the wire; refuses any other length. A copy. */
export function ringVectorFromBytes(bytes: Uint8Array, layout: RingLayout): Checked<Uint32Array> {
  if (bytes.byteLength !== bytesOf(layout)) {
    const expected = `${bytesOf(layout)} of ${layout.elements} elements of ${layout.ring} bits`;
    return refused('wrong-dimension', `${bytes.byteLength} bytes are not the ${expected}`);
  }
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
  const [target, source] = [rawBytes(into), rawBytes(other)];
  for (const { ring, start, end } of segmentsOf(layout)) {
    for (let at = start * 4; at < end * 4; at += KERNEL_BYTES_MAX) {
      const until = Math.min(at + KERNEL_BYTES_MAX, end * 4);
      ringKernel.sum.set(target.subarray(at, until));
      ringKernel.other.set(source.subarray(at, until));
      ringKernel.run(operation, ring, until - at);
      target.set(ringKernel.sum.subarray(0, until - at), at);
    }
  }
  ringKernel.wipe();
}
