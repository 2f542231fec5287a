// Ranks of two rows: four independent accumulators of four lanes. Rows are padded with zeros to a
// multiple of 16 bytes, which changes no rank, so there are no tails.

import {
  COSINE,
  DOT,
  DOT_BYTES,
  EUCLIDEAN,
  EUCLIDEAN_BYTES,
  MANHATTAN,
} from '../src/memory/memory-map';
import { byteDotProduct, squaredByteEuclidean } from './rank-bytes';
import { codeKey } from './rank-codes';
import { floatKey } from './rank-key';
import { measure, rowBytes } from './regions';

/** The rank as an unsigned integer that orders as the rank does. */
export function rankKey(a: usize, b: usize): u32 {
  if (measure == EUCLIDEAN) return floatKey(squaredEuclidean(a, b));
  if (measure == COSINE) return floatKey(1 - dotProduct(a, b));
  if (measure == DOT) return floatKey(0 - dotProduct(a, b));
  if (measure == EUCLIDEAN_BYTES) return squaredByteEuclidean(a, b);
  if (measure == DOT_BYTES) return ~byteDotProduct(a, b);
  if (measure == MANHATTAN) return floatKey(manhattan(a, b));
  return codeKey(a, b);
}

function squaredEuclidean(a: usize, b: usize): f32 {
  let sum0 = f32x4.splat(0);
  let sum1 = f32x4.splat(0);
  let sum2 = f32x4.splat(0);
  let sum3 = f32x4.splat(0);
  const end = a + rowBytes;
  const endOfFours = a + (rowBytes & ~63);
  for (; a < endOfFours; a += 64, b += 64) {
    const d0 = f32x4.sub(v128.load(a), v128.load(b));
    const d1 = f32x4.sub(v128.load(a, 16), v128.load(b, 16));
    const d2 = f32x4.sub(v128.load(a, 32), v128.load(b, 32));
    const d3 = f32x4.sub(v128.load(a, 48), v128.load(b, 48));
    sum0 = f32x4.add(sum0, f32x4.mul(d0, d0));
    sum1 = f32x4.add(sum1, f32x4.mul(d1, d1));
    sum2 = f32x4.add(sum2, f32x4.mul(d2, d2));
    sum3 = f32x4.add(sum3, f32x4.mul(d3, d3));
  }
  for (; a < end; a += 16, b += 16) {
    const d = f32x4.sub(v128.load(a), v128.load(b));
    sum0 = f32x4.add(sum0, f32x4.mul(d, d));
  }
  return total(f32x4.add(f32x4.add(sum0, sum1), f32x4.add(sum2, sum3)));
}

function dotProduct(a: usize, b: usize): f32 {
  let sum0 = f32x4.splat(0);
  let sum1 = f32x4.splat(0);
  let sum2 = f32x4.splat(0);
  let sum3 = f32x4.splat(0);
  const end = a + rowBytes;
  const endOfFours = a + (rowBytes & ~63);
  for (; a < endOfFours; a += 64, b += 64) {
    sum0 = f32x4.add(sum0, f32x4.mul(v128.load(a), v128.load(b)));
    sum1 = f32x4.add(sum1, f32x4.mul(v128.load(a, 16), v128.load(b, 16)));
    sum2 = f32x4.add(sum2, f32x4.mul(v128.load(a, 32), v128.load(b, 32)));
    sum3 = f32x4.add(sum3, f32x4.mul(v128.load(a, 48), v128.load(b, 48)));
  }
  for (; a < end; a += 16, b += 16) {
    sum0 = f32x4.add(sum0, f32x4.mul(v128.load(a), v128.load(b)));
  }
  return total(f32x4.add(f32x4.add(sum0, sum1), f32x4.add(sum2, sum3)));
}

function manhattan(a: usize, b: usize): f32 {
  let sum0 = f32x4.splat(0);
  let sum1 = f32x4.splat(0);
  let sum2 = f32x4.splat(0);
  let sum3 = f32x4.splat(0);
  const end = a + rowBytes;
  const endOfFours = a + (rowBytes & ~63);
  for (; a < endOfFours; a += 64, b += 64) {
    const d0 = f32x4.sub(v128.load(a), v128.load(b));
    const d1 = f32x4.sub(v128.load(a, 16), v128.load(b, 16));
    const d2 = f32x4.sub(v128.load(a, 32), v128.load(b, 32));
    const d3 = f32x4.sub(v128.load(a, 48), v128.load(b, 48));
    sum0 = f32x4.add(sum0, f32x4.abs(d0));
    sum1 = f32x4.add(sum1, f32x4.abs(d1));
    sum2 = f32x4.add(sum2, f32x4.abs(d2));
    sum3 = f32x4.add(sum3, f32x4.abs(d3));
  }
  for (; a < end; a += 16, b += 16) {
    sum0 = f32x4.add(sum0, f32x4.abs(f32x4.sub(v128.load(a), v128.load(b))));
  }
  return total(f32x4.add(f32x4.add(sum0, sum1), f32x4.add(sum2, sum3)));
}

function total(lanes: v128): f32 {
  return (
    f32x4.extract_lane(lanes, 0) +
    f32x4.extract_lane(lanes, 1) +
    (f32x4.extract_lane(lanes, 2) + f32x4.extract_lane(lanes, 3))
  );
}
