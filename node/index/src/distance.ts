// Distance kernels in plain TypeScript: four accumulators, so that additions do not wait for each
// other, and `| 0`, so that positions stay machine integers (a fifth faster on Node 24). The rank
// is what the graph compares; the reported distance is what a caller reads.

import type { Metric } from './vector-index.ts';

/** Compares `dimension` components of `a` from `aStart` with those of `b` from `bStart`. */
export type DistanceKernel = (
  a: Float32Array,
  aStart: number,
  b: Float32Array,
  bStart: number,
  dimension: number,
) => number;

/**
 * The kernel of a metric. It yields a rank: squared for `euclidean`, and for `cosine` one minus
 * the inner product of rows that are normalised already.
 */
export function distanceKernel(metric: Metric): DistanceKernel {
  switch (metric) {
    case 'cosine':
      return (a, aStart, b, bStart, dimension) => 1 - dotProduct(a, aStart, b, bStart, dimension);
    case 'dot':
      return (a, aStart, b, bStart, dimension) => -dotProduct(a, aStart, b, bStart, dimension);
    case 'euclidean':
      return squaredEuclidean;
    case 'manhattan':
      return manhattan;
  }
}

/** Turns a kernel's rank into the distance that a caller reads; keeps the order. */
export function reportedDistance(metric: Metric, rank: number): number {
  if (metric === 'euclidean') return Math.sqrt(rank);
  // Rounding of a unit row against itself may leave a hair below zero.
  return metric === 'cosine' ? Math.max(0, rank) : rank;
}

/**
 * Copies a row and, for `cosine`, scales it to length one. A zero row stays zero: its inner
 * product with everything is 0, so its cosine distance is 1 and never NaN.
 */
export function writeRow(
  metric: Metric,
  source: Float32Array,
  sourceStart: number,
  target: Float32Array,
  targetStart: number,
  dimension: number,
): void {
  let scale = 1;
  if (metric === 'cosine') {
    const norm = Math.sqrt(dotProduct(source, sourceStart, source, sourceStart, dimension));
    scale = norm > 0 ? 1 / norm : 0;
  }
  for (let i = 0; i < dimension; i++) {
    target[targetStart + i] = (source[sourceStart + i] as number) * scale;
  }
}

function dotProduct(
  a: Float32Array,
  aStart: number,
  b: Float32Array,
  bStart: number,
  dimension: number,
): number {
  let sum0 = 0;
  let sum1 = 0;
  let sum2 = 0;
  let sum3 = 0;
  const end = (aStart + dimension) | 0;
  let p = aStart | 0;
  let q = bStart | 0;
  for (; p < ((end - 3) | 0); p = (p + 4) | 0, q = (q + 4) | 0) {
    sum0 += (a[p] as number) * (b[q] as number);
    sum1 += (a[(p + 1) | 0] as number) * (b[(q + 1) | 0] as number);
    sum2 += (a[(p + 2) | 0] as number) * (b[(q + 2) | 0] as number);
    sum3 += (a[(p + 3) | 0] as number) * (b[(q + 3) | 0] as number);
  }
  for (; p < end; p++, q++) sum0 += (a[p] as number) * (b[q] as number);
  return sum0 + sum1 + (sum2 + sum3);
}

function squaredEuclidean(
  a: Float32Array,
  aStart: number,
  b: Float32Array,
  bStart: number,
  dimension: number,
): number {
  let sum0 = 0;
  let sum1 = 0;
  let sum2 = 0;
  let sum3 = 0;
  const end = (aStart + dimension) | 0;
  let p = aStart | 0;
  let q = bStart | 0;
  for (; p < ((end - 3) | 0); p = (p + 4) | 0, q = (q + 4) | 0) {
    const d0 = (a[p] as number) - (b[q] as number);
    const d1 = (a[(p + 1) | 0] as number) - (b[(q + 1) | 0] as number);
    const d2 = (a[(p + 2) | 0] as number) - (b[(q + 2) | 0] as number);
    const d3 = (a[(p + 3) | 0] as number) - (b[(q + 3) | 0] as number);
    sum0 += d0 * d0;
    sum1 += d1 * d1;
    sum2 += d2 * d2;
    sum3 += d3 * d3;
  }
  for (; p < end; p++, q++) {
    const d = (a[p] as number) - (b[q] as number);
    sum0 += d * d;
  }
  return sum0 + sum1 + (sum2 + sum3);
}

function manhattan(
  a: Float32Array,
  aStart: number,
  b: Float32Array,
  bStart: number,
  dimension: number,
): number {
  let sum0 = 0;
  let sum1 = 0;
  let sum2 = 0;
  let sum3 = 0;
  const end = (aStart + dimension) | 0;
  let p = aStart | 0;
  let q = bStart | 0;
  for (; p < ((end - 3) | 0); p = (p + 4) | 0, q = (q + 4) | 0) {
    sum0 += Math.abs((a[p] as number) - (b[q] as number));
    sum1 += Math.abs((a[(p + 1) | 0] as number) - (b[(q + 1) | 0] as number));
    sum2 += Math.abs((a[(p + 2) | 0] as number) - (b[(q + 2) | 0] as number));
    sum3 += Math.abs((a[(p + 3) | 0] as number) - (b[(q + 3) | 0] as number));
  }
  for (; p < end; p++, q++) sum0 += Math.abs((a[p] as number) - (b[q] as number));
  return sum0 + sum1 + (sum2 + sum3);
}
