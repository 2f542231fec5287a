// IEEE 754 half floats (binary16) as integers of 16 bits.

/** The largest finite half. */
export const HALF_MAX = 65_504;

/** The half nearest to a float32, ties to even; beyond `HALF_MAX` it may be infinite. */
export function toHalf(value: number): number {
  FLOAT[0] = value;
  const bits = WORD[0] as number;
  const sign = (bits >>> 16) & 0x8000;
  const size = bits & 0x7fff_ffff;
  if (size >= LEAST_TOO_LARGE) return sign | (size > INFINITE ? 0x7e00 : 0x7c00);
  if (size < LEAST_NORMAL) {
    // One half has its last bit where a subnormal half has its own, so the sum is rounded there.
    FLOAT[0] = Math.abs(value) + 0.5;
    return sign | ((WORD[0] as number) - ONE_HALF);
  }
  const rounded = size - EXPONENT_SHIFT + 0xfff + ((size >>> 13) & 1);
  return sign | (rounded >>> 13);
}

/** The number that the 16 bits of a half stand for. */
export function fromHalf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >>> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1_024) * 2 ** (exponent - 15);
}

const LEAST_TOO_LARGE = 0x4780_0000;
const INFINITE = 0x7f80_0000;
const LEAST_NORMAL = 0x3880_0000;
const ONE_HALF = 0x3f00_0000;
const EXPONENT_SHIFT = 112 << 23;

const WORD = new Uint32Array(1);
const FLOAT = new Float32Array(WORD.buffer);
