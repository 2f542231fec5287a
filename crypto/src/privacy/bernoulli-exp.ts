// Coins that show heads with probability exp(−x) for a rational x, exactly: a uniform number is
// compared with exp(−x) bit by bit. Doubles decide almost always, whole numbers the rest.

import type { UniformDraws } from './uniform-draws.ts';

const UNIT_BITS = 53;
/** Far above the error of a double's exp; closer calls go to {@link isBelowExp}. */
const MARGIN = 2 ** -40;
const MORE_BITS = 64;

/** True with probability exp(−numerator / denominator), both whole and not negative. */
export function bernoulliExp(draws: UniformDraws, numerator: number, denominator: number): boolean {
  const drawn = draws.uint53();
  const gap = drawn * 2 ** -UNIT_BITS - Math.exp(-numerator / denominator);
  if (Math.abs(gap) > MARGIN) return gap < 0;
  return isBelowExp(draws, drawn, BigInt(numerator), BigInt(denominator));
}

/** True with probability exp(−(numerator / denominator)² / 2). */
export function bernoulliGaussian(
  draws: UniformDraws,
  numerator: number,
  denominator: number,
): boolean {
  const drawn = draws.uint53();
  const ratio = numerator / denominator;
  const gap = drawn * 2 ** -UNIT_BITS - Math.exp(-(ratio * ratio) / 2);
  if (Math.abs(gap) > MARGIN) return gap < 0;
  return isBelowExp(draws, drawn, BigInt(numerator) ** 2n, 2n * BigInt(denominator) ** 2n);
}

/**
 * Whether the uniform number whose first 53 bits are `drawn` lies below exp(−numerator /
 * denominator); its further bits are drawn only as far as they are needed.
 */
export function isBelowExp(
  draws: UniformDraws,
  drawn: number,
  numerator: bigint,
  denominator: bigint,
): boolean {
  let bits = UNIT_BITS;
  let uniform = BigInt(drawn);
  while (true) {
    const power = fixedExp(numerator, denominator, bits);
    if (uniform + 1n < power) return true;
    if (uniform > power + 1n) return false;
    uniform =
      (uniform << BigInt(MORE_BITS)) | (BigInt(draws.uint32()) << 32n) | BigInt(draws.uint32());
    bits += MORE_BITS;
  }
}

/** exp(−numerator / denominator) in units of 2^-bits, off by less than one. */
export function fixedExp(numerator: bigint, denominator: bigint, bits: number): bigint {
  // exp(−x) = exp(−x / 2^halvings)^(2^halvings); each squaring doubles the error.
  const halvings = BigInt((numerator / denominator).toString(2).length);
  const width = BigInt(bits) + 2n * halvings + 64n;
  const x = (numerator << (width - halvings)) / denominator;
  const one = 1n << width;
  let term = one;
  let power = one;
  for (let k = 1n; term !== 0n; k++) {
    term = (term * x) / (k << width);
    power += k % 2n === 0n ? term : -term;
  }
  for (let i = 0n; i < halvings; i++) power = (power * power) >> width;
  return power >> (width - BigInt(bits));
}
