// Quorums of equally weighted voters, sized so that any two share an honest one.

/**
 * Liars that `voters` members tolerate: F = ⌊(n − 1) / 3⌋ (Pease, Shostak, Lamport 1980).
 * @throws {RangeError} when `voters` is no positive integer.
 */
export function faultTolerance(voters: number): number {
  assertVoters(voters);
  return Math.floor((voters - 1) / 3);
}

/**
 * Votes that decide: q = ⌊(n + F) / 2⌋ + 1, the least number for which two quorums share more than
 * F voters, and so at least one that does not vote twice.
 * @throws {RangeError} when `voters` is no positive integer.
 */
export function quorumSize(voters: number): number {
  return Math.floor((voters + faultTolerance(voters)) / 2) + 1;
}

/** Silent members that `voters` members tolerate and still decide: n − q. */
export function crashTolerance(voters: number): number {
  return voters - quorumSize(voters);
}

function assertVoters(voters: number): void {
  if (Number.isSafeInteger(voters) && voters > 0) return;
  throw new RangeError(`a federation has at least one voter, got ${voters}`);
}
