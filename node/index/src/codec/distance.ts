// What lies around the kernel's comparisons: which one a metric uses, how a row is stored, and how
// a rank key becomes the distance that a caller reads.

import {
  COSINE,
  DOT,
  DOT_BYTES,
  EUCLIDEAN,
  EUCLIDEAN_BYTES,
  MANHATTAN,
  MANHATTAN_BYTES,
} from '../memory/memory-map.ts';
import type { Metric, VectorType } from '../vector-index.ts';

const MEASURES: Readonly<Record<Metric, number>> = {
  cosine: COSINE,
  euclidean: EUCLIDEAN,
  dot: DOT,
  manhattan: MANHATTAN,
};

const SIGN_BIT = 0x8000_0000;

const BYTE_MEASURES: Readonly<Record<Metric, number>> = {
  // Of codes of unit rows: their squared distance is twice 1 − cos.
  cosine: EUCLIDEAN_BYTES,
  euclidean: EUCLIDEAN_BYTES,
  dot: DOT_BYTES,
  manhattan: MANHATTAN_BYTES,
};

/** The kernel's number of a metric. */
export function measureOf(metric: Metric, vectorType: VectorType): number {
  return vectorType === 'u8' ? BYTE_MEASURES[metric] : MEASURES[metric];
}

/** The rank that a key stands for; keys order as their ranks do. */
export function rankOfKey(key: number, metric: Metric, vectorType: VectorType): number {
  if (vectorType === 'u8') return metric === 'dot' ? -(~key >>> 0) : key;
  return floatOfKey(key);
}

/** The float32 rank of a key. */
export function floatOfKey(key: number): number {
  WORD[0] = key >= SIGN_BIT ? key ^ SIGN_BIT : ~key;
  return FLOAT[0] as number;
}

/** Turns a rank into the distance that a caller reads; keeps the order. */
export function reportedDistance(metric: Metric, rank: number): number {
  // An estimate may be below zero.
  if (metric === 'euclidean') return Math.sqrt(Math.max(0, rank));
  // Rounding of a unit row against itself may leave a hair below zero.
  return metric === 'cosine' ? Math.max(0, rank) : rank;
}

/**
 * Copies a row and, for `cosine`, scales it to length one. A zero row stays zero: its inner
 * product with everything is 0, so its cosine distance is 1 and never NaN.
 */
export function writeRow(
  metric: Metric,
  source: Float32Array | Uint8Array,
  sourceStart: number,
  target: Float32Array | Uint8Array,
  targetStart: number,
  dimension: number,
): void {
  if (metric !== 'cosine') {
    target.set(source.subarray(sourceStart, sourceStart + dimension), targetStart);
    return;
  }
  let square = 0;
  for (let i = 0; i < dimension; i++) square += (source[sourceStart + i] as number) ** 2;
  const norm = Math.sqrt(square);
  const scale = norm > 0 ? 1 / norm : 0;
  for (let i = 0; i < dimension; i++) {
    target[targetStart + i] = (source[sourceStart + i] as number) * scale;
  }
}

const WORD = new Uint32Array(1);
const FLOAT = new Float32Array(WORD.buffer);
