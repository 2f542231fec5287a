// Ranks of scaled bytes. Manhattan compares unsigned bytes and is exact. The inner product takes
// signed bytes behind a head of 16 bytes whose first word is the row's own scale, a float32.

import { rowBytes } from './regions';

export function byteManhattan(a: usize, b: usize): u32 {
  let sum = i32x4.splat(0);
  const end = a + rowBytes;
  for (; a < end; a += 16, b += 16) {
    const x = v128.load(a);
    const y = v128.load(b);
    // One of the saturating differences is zero.
    const d = v128.or(i8x16.sub_sat_u(x, y), i8x16.sub_sat_u(y, x));
    sum = i32x4.add(sum, i32x4.extadd_pairwise_i16x8_u(i16x8.extadd_pairwise_i8x16_u(d)));
  }
  return total(sum);
}

export function signedByteDotProduct(a: usize, b: usize): f32 {
  const scale = load<f32>(a) * load<f32>(b);
  let low = i32x4.splat(0);
  let high = i32x4.splat(0);
  const end = a + rowBytes;
  for (a += 16, b += 16; a < end; a += 16, b += 16) {
    const x = v128.load(a);
    const y = v128.load(b);
    const xLow = i16x8.extend_low_i8x16_s(x);
    const xHigh = i16x8.extend_high_i8x16_s(x);
    low = i32x4.add(low, i32x4.dot_i16x8_s(xLow, i16x8.extend_low_i8x16_s(y)));
    high = i32x4.add(high, i32x4.dot_i16x8_s(xHigh, i16x8.extend_high_i8x16_s(y)));
  }
  return scale * <f32>(<i32>total(i32x4.add(low, high)));
}

function total(lanes: v128): u32 {
  return (
    i32x4.extract_lane(lanes, 0) +
    i32x4.extract_lane(lanes, 1) +
    i32x4.extract_lane(lanes, 2) +
    i32x4.extract_lane(lanes, 3)
  );
}
