// A learned index: the optimal lines of the PGM-index (Ferragina & Vinciguerra 2020, section 2.1) under
// the one-function root of a recursive model index (Kraska et al. 2018).

import { lowerBoundFrom, type SortedKeys } from './lower-bound.ts';
import { predictRank, type Segments, segmentKeys } from './segment-keys.ts';
import { SegmentRoot } from './segment-root.ts';

/** Ranks by which a line over the keys may miss. */
export const EPSILON_DEFAULT = 32;

/** A model of where keys stand in a sorted array; it holds the array, not a copy. */
export class LearnedIndex {
  readonly keys: SortedKeys;
  readonly segments: Segments;
  readonly #root: SegmentRoot;

  /**
   * @param keys - ascending, finite, repeated or not; must not change afterwards
   * @param epsilon - ranks by which a line may miss a stored key
   */
  constructor(keys: SortedKeys, epsilon = EPSILON_DEFAULT) {
    this.keys = keys;
    this.segments = segmentKeys(keys, epsilon);
    this.#root = new SegmentRoot(this.segments.firstKeys);
  }

  /** How many keys are smaller than `key`. */
  lowerBound(key: number): number {
    const { keys, segments } = this;
    const segment = this.#root.find(key);
    if (segment < 0) return 0;
    const guess = predictRank(segments, segment, key);
    // A line ends where the next one begins: behind its last key it may not run on.
    const { intercepts } = segments;
    const end = segment + 1 < intercepts.length ? (intercepts[segment + 1] as number) : keys.length;
    return lowerBoundFrom(keys, key, Math.min(guess, end));
  }

  /** Number of lines. */
  get segmentCount(): number {
    return this.segments.firstKeys.length;
  }

  /** Bytes beyond the sorted keys. */
  get modelBytes(): number {
    return this.segmentCount * (8 + 8 + 4) + this.#root.bytes;
  }
}
