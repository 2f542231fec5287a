// Ranks of one part of a row and all centroids of its subspace, sixteen centroids at a time: the
// tables of product quantisation. Centroids lie component by component.

import { DOT, EUCLIDEAN } from '../src/memory/memory-map';

/**
 * Writes `count` ranks, a multiple of 16, as float32 to `ranks`.
 *
 * part: `[dimension]`, float32; centroids: `[dimension × count]`, float32
 */
export function rankCentroids(
  metric: i32,
  part: usize,
  dimension: i32,
  centroids: usize,
  count: i32,
  ranks: usize,
): void {
  const stride = (<usize>count) << 2;
  const end = centroids + stride;
  for (; centroids < end; centroids += 64, ranks += 64) {
    if (metric == EUCLIDEAN) squaredEuclidean(part, dimension, centroids, stride, ranks);
    else if (metric == DOT) negatedProduct(part, dimension, centroids, stride, ranks);
    else manhattan(part, dimension, centroids, stride, ranks);
  }
}

/** The position of the least of `count` float32 ranks, a multiple of 4; of ties the first. */
export function leastRank(ranks: usize, count: i32): i32 {
  let least = v128.load(ranks);
  let positions = i32x4(0, 1, 2, 3);
  let at = positions;
  for (let i = 4; i < count; i += 4) {
    at = i32x4.add(at, i32x4.splat(4));
    const next = v128.load(ranks + ((<usize>i) << 2));
    const isLess = f32x4.lt(next, least);
    least = v128.bitselect(next, least, isLess);
    positions = v128.bitselect(at, positions, isLess);
  }
  let position = i32x4.extract_lane(positions, 0);
  position = nearer(ranks, position, i32x4.extract_lane(positions, 1));
  position = nearer(ranks, position, i32x4.extract_lane(positions, 2));
  return nearer(ranks, position, i32x4.extract_lane(positions, 3));
}

function nearer(ranks: usize, a: i32, b: i32): i32 {
  const rankA = load<f32>(ranks + ((<usize>a) << 2));
  const rankB = load<f32>(ranks + ((<usize>b) << 2));
  return rankB < rankA || (rankB == rankA && b < a) ? b : a;
}

function squaredEuclidean(part: usize, dim: i32, column: usize, stride: usize, ranks: usize): void {
  let sum0 = f32x4.splat(0);
  let sum1 = f32x4.splat(0);
  let sum2 = f32x4.splat(0);
  let sum3 = f32x4.splat(0);
  for (let i = 0; i < dim; i++, part += 4, column += stride) {
    const value = v128.load32_splat(part);
    const d0 = f32x4.sub(value, v128.load(column));
    const d1 = f32x4.sub(value, v128.load(column, 16));
    const d2 = f32x4.sub(value, v128.load(column, 32));
    const d3 = f32x4.sub(value, v128.load(column, 48));
    sum0 = f32x4.add(sum0, f32x4.mul(d0, d0));
    sum1 = f32x4.add(sum1, f32x4.mul(d1, d1));
    sum2 = f32x4.add(sum2, f32x4.mul(d2, d2));
    sum3 = f32x4.add(sum3, f32x4.mul(d3, d3));
  }
  v128.store(ranks, sum0);
  v128.store(ranks, sum1, 16);
  v128.store(ranks, sum2, 32);
  v128.store(ranks, sum3, 48);
}

function negatedProduct(part: usize, dim: i32, column: usize, stride: usize, ranks: usize): void {
  let sum0 = f32x4.splat(0);
  let sum1 = f32x4.splat(0);
  let sum2 = f32x4.splat(0);
  let sum3 = f32x4.splat(0);
  for (let i = 0; i < dim; i++, part += 4, column += stride) {
    const value = v128.load32_splat(part);
    sum0 = f32x4.sub(sum0, f32x4.mul(value, v128.load(column)));
    sum1 = f32x4.sub(sum1, f32x4.mul(value, v128.load(column, 16)));
    sum2 = f32x4.sub(sum2, f32x4.mul(value, v128.load(column, 32)));
    sum3 = f32x4.sub(sum3, f32x4.mul(value, v128.load(column, 48)));
  }
  v128.store(ranks, sum0);
  v128.store(ranks, sum1, 16);
  v128.store(ranks, sum2, 32);
  v128.store(ranks, sum3, 48);
}

function manhattan(part: usize, dim: i32, column: usize, stride: usize, ranks: usize): void {
  let sum0 = f32x4.splat(0);
  let sum1 = f32x4.splat(0);
  let sum2 = f32x4.splat(0);
  let sum3 = f32x4.splat(0);
  for (let i = 0; i < dim; i++, part += 4, column += stride) {
    const value = v128.load32_splat(part);
    sum0 = f32x4.add(sum0, f32x4.abs(f32x4.sub(value, v128.load(column))));
    sum1 = f32x4.add(sum1, f32x4.abs(f32x4.sub(value, v128.load(column, 16))));
    sum2 = f32x4.add(sum2, f32x4.abs(f32x4.sub(value, v128.load(column, 32))));
    sum3 = f32x4.add(sum3, f32x4.abs(f32x4.sub(value, v128.load(column, 48))));
  }
  v128.store(ranks, sum0);
  v128.store(ranks, sum1, 16);
  v128.store(ranks, sum2, 32);
  v128.store(ranks, sum3, 48);
}
