// The patterns that a site searches by: the nearest centroid within its radius says how wide.

import { isNowhere, isSearchable, PATTERN_LIMITS, type SearchPattern } from './search-pattern.ts';

export interface BookedPattern {
  readonly id: string;
  readonly pattern: SearchPattern;
}

/**
 * Invariant: at most `bookMax` patterns, those that were given last, all of one dimension.
 * Invariant: `#centroids` holds their centroids row after row, `#squares` the squared lengths.
 */
export class PatternBook {
  readonly #dimension: number;
  #booked: readonly BookedPattern[] = [];
  #centroids = new Int8Array();
  #squares: readonly number[] = [];

  /** @param dimension - of the base space */
  constructor(dimension: number) {
    this.#dimension = dimension;
  }

  get size(): number {
    return this.#booked.length;
  }

  /**
   * Takes these patterns, in the order they became final, instead of all it had. Left out are those
   * that no index can search by and those of another dimension.
   */
  replace(patterns: readonly BookedPattern[]): void {
    this.#booked = patterns
      .filter(({ pattern }) => isSearchable(pattern))
      .filter(({ pattern }) => pattern.centroid.length === this.#dimension)
      .slice(-PATTERN_LIMITS.bookMax);
    this.#centroids = new Int8Array(this.#booked.length * this.#dimension);
    for (const [row, { pattern }] of this.#booked.entries()) {
      this.#centroids.set(pattern.centroid, row * this.#dimension);
    }
    this.#squares = this.#booked.map(({ pattern }) =>
      productOf(pattern.centroid, pattern.centroid),
    );
  }

  /**
   * The pattern whose centroid is nearest of those whose radius the query is in and that were
   * measured for at least `k` hits; of equally near ones, the one that became final first.
   *
   * @param point - the query in the base space, quantised
   */
  find(point: Int8Array, k: number): BookedPattern | undefined {
    if (point.length !== this.#dimension || isNowhere(point)) return undefined;
    const pointSquare = productOf(point, point);
    let found: BookedPattern | undefined;
    let nearest = Number.POSITIVE_INFINITY;
    for (const [row, booked] of this.#booked.entries()) {
      const product = productOf(point, this.#centroids, row * this.#dimension);
      const distance = pointSquare + (this.#squares[row] as number) - 2 * product;
      if (distance >= nearest || distance > booked.pattern.radius || k > booked.pattern.k) continue;
      nearest = distance;
      found = booked;
    }
    return found;
  }
}

/** Dot product of `a` with as many components of `b` from `start` on; exact. */
function productOf(a: Int8Array, b: Int8Array, start = 0): number {
  let sum = 0;
  const { length } = a;
  // 32-bit arithmetic: 4,096 components of a byte each stay far below 2³¹.
  for (let d = 0; d < length; d++) {
    sum = (sum + Math.imul(a[d] as number, b[start + d] as number)) | 0;
  }
  return sum;
}
