import { LearnedIndex } from './learned-index.ts';
import { lowerBound, nextDouble, type SortedKeys } from './lower-bound.ts';

/** Fewer keys lie in the nearest caches; halving is quick there and a model not worth its build. */
export const LEARNED_KEYS_MIN = 16_384;

/** Bytes of a model over bytes of its keys: a sorted sample of every 64th key would take as many. */
export const LEARNED_BYTES_SHARE_MAX = 1 / 64;

/**
 * Ranks in a sorted array, by a learned index or by binary search.
 *
 * The learned index is used where it wins in time and size by our measurements: from LEARNED_KEYS_MIN
 * keys on, unless it takes more than LEARNED_BYTES_SHARE_MAX of their bytes. Answers are equal.
 */
export class ScalarLookup {
  readonly keys: SortedKeys;
  readonly #learned: LearnedIndex | undefined;

  /** @param keys - ascending, finite, repeated or not; must not change afterwards */
  constructor(keys: SortedKeys) {
    this.keys = keys;
    this.#learned = learnedIndexOf(keys);
  }

  get isLearned(): boolean {
    return this.#learned !== undefined;
  }

  /** Bytes beyond the keys: 0 under binary search. */
  get modelBytes(): number {
    return this.#learned?.modelBytes ?? 0;
  }

  /** How many keys are smaller than `key`. */
  lowerBound(key: number): number {
    return this.#learned === undefined ? lowerBound(this.keys, key) : this.#learned.lowerBound(key);
  }

  /** How many keys are at most `key`. */
  upperBound(key: number): number {
    return key === Number.POSITIVE_INFINITY ? this.keys.length : this.lowerBound(nextDouble(key));
  }
}

function learnedIndexOf(keys: SortedKeys): LearnedIndex | undefined {
  if (keys.length < LEARNED_KEYS_MIN) return undefined;
  const learned = new LearnedIndex(keys);
  const isSmall = learned.modelBytes <= keys.byteLength * LEARNED_BYTES_SHARE_MAX;
  return isSmall ? learned : undefined;
}
