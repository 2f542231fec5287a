// GF(2^8) modulo x^8 + x^4 + x^3 + x + 1 (0x11b), without tables.

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

/** The product of two elements. The time depends on `b` alone. */
export function multiply(a: number, b: number): number {
  return timesPoint(a, b);
}

/** The inverse of an element, 0 for 0: its 254th power. */
export function inverse(element: number): number {
  let power = element;
  let product = 1;
  // 254 is 2 + 4 + … + 128.
  for (let bit = 1; bit < 8; bit++) {
    power = multiply(power, power);
    product = multiply(product, power);
  }
  return product;
}
