// Ranks of two rows of bytes, exact: 65,536 squares of 255 fit in 32 bits. Rows are padded with
// zeros to a multiple of 16 bytes.

import { rowBytes } from './regions';

export function squaredByteEuclidean(a: usize, b: usize): u32 {
  let low = i32x4.splat(0);
  let high = i32x4.splat(0);
  const end = a + rowBytes;
  for (; a < end; a += 16, b += 16) {
    const x = v128.load(a);
    const y = v128.load(b);
    // One of the saturating differences is zero.
    const d = v128.or(i8x16.sub_sat_u(x, y), i8x16.sub_sat_u(y, x));
    const dLow = i16x8.extend_low_i8x16_u(d);
    const dHigh = i16x8.extend_high_i8x16_u(d);
    low = i32x4.add(low, i32x4.dot_i16x8_s(dLow, dLow));
    high = i32x4.add(high, i32x4.dot_i16x8_s(dHigh, dHigh));
  }
  return total(i32x4.add(low, high));
}

export function byteDotProduct(a: usize, b: usize): u32 {
  let low = i32x4.splat(0);
  let high = i32x4.splat(0);
  const end = a + rowBytes;
  for (; a < end; a += 16, b += 16) {
    const x = v128.load(a);
    const y = v128.load(b);
    const xLow = i16x8.extend_low_i8x16_u(x);
    const xHigh = i16x8.extend_high_i8x16_u(x);
    low = i32x4.add(low, i32x4.dot_i16x8_s(xLow, i16x8.extend_low_i8x16_u(y)));
    high = i32x4.add(high, i32x4.dot_i16x8_s(xHigh, i16x8.extend_high_i8x16_u(y)));
  }
  return total(i32x4.add(low, high));
}

function total(lanes: v128): u32 {
  return (
    i32x4.extract_lane(lanes, 0) +
    i32x4.extract_lane(lanes, 1) +
    i32x4.extract_lane(lanes, 2) +
    i32x4.extract_lane(lanes, 3)
  );
}
