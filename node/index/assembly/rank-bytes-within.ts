// The rank of two rows of bytes, given up early; see `rank-within.ts`. Integers, so always exact.

import { rowBytes } from './regions';

const BLOCK_BYTES: usize = 128;

/** The squared distance where it is at most `worst`, else some number above `worst`. */
export function squaredByteEuclideanWithin(a: usize, b: usize, worst: u32): u32 {
  let low = i32x4.splat(0);
  let high = i32x4.splat(0);
  let key: u32 = 0;
  const end = a + rowBytes;
  let stop = a;
  while (a < end && key <= worst) {
    stop = min(stop + BLOCK_BYTES, end);
    for (; a < stop; a += 16, b += 16) {
      const x = v128.load(a);
      const y = v128.load(b);
      // One of the saturating differences is zero.
      const d = v128.or(i8x16.sub_sat_u(x, y), i8x16.sub_sat_u(y, x));
      const dLow = i16x8.extend_low_i8x16_u(d);
      const dHigh = i16x8.extend_high_i8x16_u(d);
      low = i32x4.add(low, i32x4.dot_i16x8_s(dLow, dLow));
      high = i32x4.add(high, i32x4.dot_i16x8_s(dHigh, dHigh));
    }
    key = total(i32x4.add(low, high));
  }
  return key;
}

function total(lanes: v128): u32 {
  return (
    i32x4.extract_lane(lanes, 0) +
    i32x4.extract_lane(lanes, 1) +
    i32x4.extract_lane(lanes, 2) +
    i32x4.extract_lane(lanes, 3)
  );
}
