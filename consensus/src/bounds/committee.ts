// Committees: how likely a random one has more corrupt members than its certificates tolerate.

import { faultTolerance } from '../quorum.ts';
import { hypergeometricTail } from './tails.ts';

/**
 * P[more than F = ⌊(m − 1) / 3⌋ of `size` = m members drawn from n peers, of which `faulty` are
 * corrupt, are corrupt]: then two conflicting certificates are possible.
 * @throws {RangeError} unless 1 <= m <= n and 0 <= f <= n
 */
export function committeeFailure(n: number, faulty: number, size: number): number {
  if (!(size <= n)) throw new RangeError(`m <= n, but m = ${size}, n = ${n}`);
  if (!(faulty >= 0 && faulty <= n)) throw new RangeError(`0 <= f <= n, but f = ${faulty}`);
  return hypergeometricTail(n, faulty, size, faultTolerance(size) + 1);
}
