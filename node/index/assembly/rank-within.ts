// Ranks that are given up early. A sum of squares never shrinks, in float32 neither: rounding is
// monotone. A partial sum past the worst rank that still counts says that the row does not.

import { EUCLIDEAN, EUCLIDEAN_BYTES } from '../src/memory/memory-map';
import { rankKey } from './rank';
import { squaredByteEuclideanWithin } from './rank-bytes-within';
import { measure, rowBytes, startBytes } from './regions';

const BLOCK_BYTES: usize = 256;
const SIGN_BIT: u32 = 0x80000000;

/** The key that `rankKey` gives where it is at most `worst`, else some key above `worst`. */
export function rankKeyWithin(a: usize, b: usize, worst: u32): u32 {
  // Looking in between costs more than it saves where most rows are read to their end.
  if (startBytes == 0) return rankKey(a, b);
  if (measure == EUCLIDEAN) return squaredEuclideanWithin(a, b, worst);
  if (measure == EUCLIDEAN_BYTES) return squaredByteEuclideanWithin(a, b, worst);
  return rankKey(a, b);
}

// The same additions in the same order as in `squaredEuclidean`.
function squaredEuclideanWithin(a: usize, b: usize, worst: u32): u32 {
  let sum0 = f32x4.splat(0);
  let sum1 = f32x4.splat(0);
  let sum2 = f32x4.splat(0);
  let sum3 = f32x4.splat(0);
  const end = a + rowBytes;
  const endOfFours = a + (rowBytes & ~63);
  let stop = a;
  while (a < endOfFours) {
    stop = min(stop + BLOCK_BYTES, endOfFours);
    for (; a < stop; a += 64, b += 64) {
      const d0 = f32x4.sub(v128.load(a), v128.load(b));
      const d1 = f32x4.sub(v128.load(a, 16), v128.load(b, 16));
      const d2 = f32x4.sub(v128.load(a, 32), v128.load(b, 32));
      const d3 = f32x4.sub(v128.load(a, 48), v128.load(b, 48));
      sum0 = f32x4.add(sum0, f32x4.mul(d0, d0));
      sum1 = f32x4.add(sum1, f32x4.mul(d1, d1));
      sum2 = f32x4.add(sum2, f32x4.mul(d2, d2));
      sum3 = f32x4.add(sum3, f32x4.mul(d3, d3));
    }
    const key = keyOfTotal(f32x4.add(f32x4.add(sum0, sum1), f32x4.add(sum2, sum3)));
    if (key > worst) return key;
  }
  for (; a < end; a += 16, b += 16) {
    const d = f32x4.sub(v128.load(a), v128.load(b));
    sum0 = f32x4.add(sum0, f32x4.mul(d, d));
  }
  return keyOfTotal(f32x4.add(f32x4.add(sum0, sum1), f32x4.add(sum2, sum3)));
}

function keyOfTotal(lanes: v128): u32 {
  const total =
    f32x4.extract_lane(lanes, 0) +
    f32x4.extract_lane(lanes, 1) +
    (f32x4.extract_lane(lanes, 2) + f32x4.extract_lane(lanes, 3));
  return reinterpret<u32>(total) | SIGN_BIT;
}
