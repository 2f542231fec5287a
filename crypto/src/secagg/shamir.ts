// Shamir's secret sharing (1979), byte by byte over GF(2^8) with the polynomial 0x11b. Bytes of a
// secret meet only shifts, masks and exclusive ors: tables of logarithms would be read at addresses
// that depend on the secret, which other users of the same processor can see in its caches. The
// points x are public, so branches on them tell nothing.

import type { RandomSource } from '../random-source.ts';
import { publicLogarithm, publicPower, timesPoint } from './field-256.ts';

export const SECRET_BYTES = 32;
/** Non-zero elements of the field: each holder has its own. */
export const HOLDERS_MAX = 255;

export interface SecretShare {
  /** The holder's point, 1 … 255. */
  readonly x: number;
  /** 32 bytes. */
  readonly share: Uint8Array;
}

/**
 * Shares of a secret for the points x = 1 … `holders`, in that order. Any `threshold` of them give
 * it back, fewer say nothing about it.
 * @throws {RangeError} when the secret is not 32 bytes or not 1 ≤ threshold ≤ holders ≤ 255.
 */
export function splitSecret(
  secret: Uint8Array,
  holders: number,
  threshold: number,
  random: RandomSource,
): Uint8Array[] {
  assertSplit(secret, holders, threshold);
  const drawn = random((threshold - 1) * SECRET_BYTES);
  if (drawn.byteLength !== (threshold - 1) * SECRET_BYTES) {
    throw new RangeError(`the random source gave ${drawn.byteLength} bytes`);
  }
  const coefficients = new Uint32Array(threshold * WORDS);
  const bytes = new Uint8Array(coefficients.buffer);
  bytes.set(secret);
  bytes.set(drawn, SECRET_BYTES);
  const shares = Array.from({ length: holders }, (_, i) => evaluate(coefficients, i + 1));
  bytes.fill(0);
  drawn.fill(0);
  return shares;
}

/**
 * The secret that the shares lie on; all of them are used, so a wrong one gives another secret.
 * @throws {RangeError} when there is no share, one is not 32 bytes, or its point is out of range or
 * stands there twice.
 */
export function combineShares(shares: readonly SecretShare[]): Uint8Array {
  assertShares(shares);
  const points = shares.map(({ x }) => x);
  const secret = new Uint32Array(WORDS);
  const share = new Uint32Array(WORDS);
  const bytes = new Uint8Array(share.buffer);
  shares.forEach((each, i) => {
    bytes.set(each.share);
    const factor = lagrangeAtZero(points, i);
    for (let w = 0; w < WORDS; w++) {
      secret[w] = (secret[w] as number) ^ timesPoint(share[w] as number, factor);
    }
  });
  bytes.fill(0);
  return new Uint8Array(secret.buffer);
}

/** Four bytes are worked on at once. */
const WORDS = SECRET_BYTES / 4;

/** The polynomial at x by Horner's rule, for all 32 bytes. */
function evaluate(coefficients: Uint32Array, x: number): Uint8Array {
  const values = new Uint32Array(WORDS);
  for (let w = 0; w < WORDS; w++) {
    let value = 0;
    for (let at = coefficients.length - WORDS + w; at >= 0; at -= WORDS) {
      value = timesPoint(value, x) ^ (coefficients[at] as number);
    }
    values[w] = value;
  }
  return new Uint8Array(values.buffer);
}

/**
 * The i-th Lagrange polynomial over `points`, at zero: the product of x / (x − own) over the others;
 * subtraction is exclusive or here. Points are public, so their logarithms may be looked up.
 */
function lagrangeAtZero(points: readonly number[], i: number): number {
  const own = points[i] as number;
  let logarithm = 0;
  for (const other of points) {
    if (other !== own) logarithm += publicLogarithm(other) - publicLogarithm(other ^ own);
  }
  return publicPower(logarithm);
}

function assertSplit(secret: Uint8Array, holders: number, threshold: number): void {
  assertBytes(secret, 'a secret');
  const isRange = 1 <= threshold && threshold <= holders && holders <= HOLDERS_MAX;
  if (!Number.isInteger(holders) || !Number.isInteger(threshold) || !isRange) {
    throw new RangeError(
      `threshold ${threshold} of ${holders} holders, not 1 ≤ threshold ≤ holders ≤ ${HOLDERS_MAX}`,
    );
  }
}

function assertShares(shares: readonly SecretShare[]): void {
  if (shares.length === 0) throw new RangeError('no share to combine');
  const seen = new Set<number>();
  for (const { x, share } of shares) {
    assertBytes(share, 'a share');
    if (!Number.isInteger(x) || x < 1 || x > HOLDERS_MAX) {
      throw new RangeError(`a share at ${x}, points are 1 … ${HOLDERS_MAX}`);
    }
    if (seen.has(x)) throw new RangeError(`two shares at ${x}`);
    seen.add(x);
  }
}

function assertBytes(bytes: Uint8Array, what: string): void {
  if (bytes.byteLength !== SECRET_BYTES) {
    throw new RangeError(`${what} has ${SECRET_BYTES} bytes, not ${bytes.byteLength}`);
  }
}
