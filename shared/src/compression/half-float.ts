// IEEE 754 half precision (binary16) by integer operations: round to nearest, ties to even.

const floats = new Float32Array(1);
const bits = new Uint32Array(floats.buffer);

/** The largest finite half, 65504. */
const LARGEST = 0x7bff;

/** The half nearest to a finite float32; beyond ±65504 the largest of its sign. */
export function halfFromFloat(value: number): number {
  floats[0] = value;
  return halfOfWord(bits[0] as number);
}

/** The halves of finite values as little-endian bytes, `[2 × values]`. */
export function halvesOf(values: Float32Array): Uint8Array {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const bytes = new Uint8Array(2 * values.length);
  for (let i = 0; i < words.length; i++) {
    const half = halfOfWord(words[i] as number);
    bytes[2 * i] = half;
    bytes[2 * i + 1] = half >>> 8;
  }
  return bytes;
}

/** The number that a half stands for; infinities and NaN as such. */
export function floatFromHalf(half: number): number {
  const sign = (half & 0x8000) === 0 ? 1 : -1;
  const exponent = (half >>> 10) & 31;
  const mantissa = half & 0x3ff;
  if (exponent === 0) return sign * mantissa * SMALLEST;
  if (exponent === 31) return mantissa === 0 ? sign / 0 : Number.NaN;
  bits[0] = ((half & 0x8000) << 16) | ((exponent + 112) << 23) | (mantissa << 13);
  return floats[0] as number;
}

const SMALLEST = 2 ** -24;

function halfOfWord(word: number): number {
  const sign = (word >>> 16) & 0x8000;
  const magnitude = word & 0x7fff_ffff;
  if (magnitude >= 0x477f_f000) return sign | LARGEST;
  if (magnitude < 0x3880_0000) return sign | subnormalHalf(magnitude);
  const rebased = magnitude - 0x3800_0000;
  const half = rebased >>> 13;
  const rest = rebased & 0x1fff;
  const isUp = rest > 0x1000 || (rest === 0x1000 && (half & 1) === 1);
  return sign | (isUp ? half + 1 : half);
}

/** Halves below 2⁻¹⁴ are multiples of 2⁻²⁴: adding a large float rounds to the nearest even one. */
function subnormalHalf(magnitude: number): number {
  bits[0] = magnitude;
  floats[0] = (floats[0] as number) + 0.5;
  return (bits[0] as number) - 0x3f00_0000;
}
