// GF(2^8) modulo x^8 + x^4 + x^3 + x + 1 (0x11b): without tables where a factor is secret.

/** Four field elements, one per byte of `word`, times a public `point` of 8 bits. */
export function timesPoint(word: number, point: number): number {
  let product = 0;
  let power = word;
  for (let bits = point; bits !== 0; bits >>>= 1) {
    // A mask in place of a branch: points have few bits, and mispredicted branches cost more.
    product ^= power & -(bits & 1);
    const high = (power >>> 7) & 0x01010101;
    power = ((power & 0x7f7f7f7f) << 1) ^ (high * 0x1b);
  }
  return product;
}

/** The logarithm of a public element other than 0, to the base 3. Looked up: not for secrets. */
export function publicLogarithm(element: number): number {
  return LOGARITHMS[element] as number;
}

/** 3 to a power, which may be negative. Looked up: not for secrets. */
export function publicPower(exponent: number): number {
  return POWERS[((exponent % ORDER) + ORDER) % ORDER] as number;
}

/** Elements other than 0, which are the powers of 3. */
const ORDER = 255;
const POWERS = new Uint8Array(ORDER);
const LOGARITHMS = new Uint8Array(ORDER + 1);
for (let exponent = 0, power = 1; exponent < ORDER; exponent++) {
  POWERS[exponent] = power;
  LOGARITHMS[power] = exponent;
  power = timesPoint(power, 3);
}
