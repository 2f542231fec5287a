// Quorums of voters, sized so that any two share an honest one. Of weighted voters they are counted
// in weight: W stands for n, and what a quorum of W is follows from the same formula.

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

/**
 * Place of the first weight that reaches a third of all, undefined when none does: who holds so much
 * decides alone what a quorum is. Equal weights are none of this rule's business.
 */
export function placeOfThird(weights: ArrayLike<number>): number | undefined {
  const all = Array.from(weights);
  if (all.every((weight) => weight === all[0])) return undefined;
  const total = all.reduce((sum, weight) => sum + weight, 0);
  const place = all.findIndex((weight) => weight * 3 >= total);
  return place === -1 ? undefined : place;
}

function assertVoters(voters: number): void {
  if (Number.isSafeInteger(voters) && voters > 0) return;
  throw new RangeError(`a federation has at least one voter, got ${voters}`);
}
