// Ranks of two rows of IEEE half floats, eight to a load. WebAssembly has no conversion: exponent
// and fraction move to their places in a float32, whose exponent is then 112 too small. The
// product with 2¹¹² mends that, for subnormal halves too. No half here is infinite or NaN.
// Written out, because a call per conversion takes longer than the conversion.

import { rowBytes } from './regions';

const SIGN_AND_SIZE: i32 = 0x8fffe000;
/** As a float32. */
const TWO_TO_112: i32 = 0x77800000;

export function squaredHalfEuclidean(a: usize, b: usize): f32 {
  const mask = hoisted(SIGN_AND_SIZE);
  const scale = hoisted(TWO_TO_112);
  let even = f32x4.splat(0);
  let odd = f32x4.splat(0);
  const end = a + rowBytes;
  for (; a < end; a += 16, b += 16) {
    const x = v128.load(a);
    const y = v128.load(b);
    const xEven = v128.and(i32x4.shr_s(i32x4.shl(x, 16), 3), mask);
    const yEven = v128.and(i32x4.shr_s(i32x4.shl(y, 16), 3), mask);
    const xOdd = v128.and(i32x4.shr_s(x, 3), mask);
    const yOdd = v128.and(i32x4.shr_s(y, 3), mask);
    const dEven = f32x4.sub(f32x4.mul(xEven, scale), f32x4.mul(yEven, scale));
    const dOdd = f32x4.sub(f32x4.mul(xOdd, scale), f32x4.mul(yOdd, scale));
    even = f32x4.add(even, f32x4.mul(dEven, dEven));
    odd = f32x4.add(odd, f32x4.mul(dOdd, dOdd));
  }
  return total(f32x4.add(even, odd));
}

export function halfDotProduct(a: usize, b: usize): f32 {
  const mask = hoisted(SIGN_AND_SIZE);
  const scale = hoisted(TWO_TO_112);
  let even = f32x4.splat(0);
  let odd = f32x4.splat(0);
  const end = a + rowBytes;
  for (; a < end; a += 16, b += 16) {
    const x = v128.load(a);
    const y = v128.load(b);
    const xEven = v128.and(i32x4.shr_s(i32x4.shl(x, 16), 3), mask);
    const yEven = v128.and(i32x4.shr_s(i32x4.shl(y, 16), 3), mask);
    const xOdd = v128.and(i32x4.shr_s(x, 3), mask);
    const yOdd = v128.and(i32x4.shr_s(y, 3), mask);
    even = f32x4.add(even, f32x4.mul(f32x4.mul(xEven, scale), f32x4.mul(yEven, scale)));
    odd = f32x4.add(odd, f32x4.mul(f32x4.mul(xOdd, scale), f32x4.mul(yOdd, scale)));
  }
  return total(f32x4.add(even, odd));
}

export function halfManhattan(a: usize, b: usize): f32 {
  const mask = hoisted(SIGN_AND_SIZE);
  const scale = hoisted(TWO_TO_112);
  let even = f32x4.splat(0);
  let odd = f32x4.splat(0);
  const end = a + rowBytes;
  for (; a < end; a += 16, b += 16) {
    const x = v128.load(a);
    const y = v128.load(b);
    const xEven = v128.and(i32x4.shr_s(i32x4.shl(x, 16), 3), mask);
    const yEven = v128.and(i32x4.shr_s(i32x4.shl(y, 16), 3), mask);
    const xOdd = v128.and(i32x4.shr_s(x, 3), mask);
    const yOdd = v128.and(i32x4.shr_s(y, 3), mask);
    const dEven = f32x4.sub(f32x4.mul(xEven, scale), f32x4.mul(yEven, scale));
    const dOdd = f32x4.sub(f32x4.mul(xOdd, scale), f32x4.mul(yOdd, scale));
    even = f32x4.add(even, f32x4.abs(dEven));
    odd = f32x4.add(odd, f32x4.abs(dOdd));
  }
  return total(f32x4.add(even, odd));
}

// V8 makes a constant vector anew wherever it is used. The length of a row is a multiple of 16, but
// no compiler knows.
function hoisted(word: i32): v128 {
  return i32x4.splat(word | (<i32>rowBytes & 15));
}

function total(lanes: v128): f32 {
  return (
    f32x4.extract_lane(lanes, 0) +
    f32x4.extract_lane(lanes, 1) +
    (f32x4.extract_lane(lanes, 2) + f32x4.extract_lane(lanes, 3))
  );
}
