// A pattern: queries that lie together in the base space, and how wide to search for them there.
// Whole numbers only, so that every member of a federation reads, hashes and compares the same.

/** Invariant: everything in it is a whole number; fractions are millionths. */
export interface SearchPattern {
  /** `[dimension]` of the base space, quantised by the collection's scale. */
  readonly centroid: Int8Array;
  /** Squared distance, quantised, within which a query belongs to it. */
  readonly radius: number;
  /** Hits per query that it was measured with; it serves searches for at most as many. */
  readonly k: number;
  readonly efSearch: number;
  /** One-sided 95 % lower bound of the mean recall@k where it was learned. */
  readonly expectedRecallMicros: number;
  /** Median distance computations per query where it was learned. */
  readonly cost: number;
  /** Queries within the radius that it was learned from. */
  readonly queries: number;
}

export const PATTERN_LIMITS = Object.freeze({
  /** Fewer queries make no pattern, and judge none. */
  queriesMin: 50,
  kMax: 1_000,
  efSearchMax: 4_096,
  /** Patterns that a site looks a query up in. */
  bookMax: 4_096,
});

const COMPONENT_MAX = 127;

/** Each component times `scale`, rounded, kept within ±127. @param vector - `[dimension]` */
export function quantised(vector: Float32Array, scale: number): Int8Array {
  return Int8Array.from(vector, (component) => {
    return Math.max(-COMPONENT_MAX, Math.min(COMPONENT_MAX, Math.round(component * scale)));
  });
}

/** Squared Euclidean distance; infinite between spaces of different dimension. */
export function squaredDistance(a: Int8Array, b: Int8Array): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  let sum = 0;
  for (let d = 0; d < a.length; d++) {
    const difference = (a[d] as number) - (b[d] as number);
    sum += difference * difference;
  }
  return sum;
}

/** A query without a word has no direction, and lies nowhere. */
export function isNowhere(vector: Int8Array): boolean {
  return vector.every((component) => component === 0);
}

/** Whether an index can be searched as a pattern says; a foreign one may say anything. */
export function isSearchable({ k, efSearch }: Pick<SearchPattern, 'k' | 'efSearch'>): boolean {
  const { efSearchMax, kMax } = PATTERN_LIMITS;
  const within = (value: number, max: number) =>
    Number.isInteger(value) && value >= 1 && value <= max;
  return within(k, kMax) && within(efSearch, efSearchMax);
}
