// The first stage of a two-stage learned index (Kraska et al. 2018, section 3.2): one monotone function
// of the key chooses a bucket, and a table says which lines begin in it.

import { lowerBound, type SortedKeys } from './lower-bound.ts';

/** Buckets of the table per line. */
const BUCKETS_PER_LINE = 8;

/** How a key becomes a number that grows with it: itself, or its high word, much like a logarithm. */
type Scale = 'linear' | 'bits';

/**
 * Finds the line of a key: at once where keys are as one of two scales expects, by halving elsewhere.
 *
 * Invariant: keys of equal or growing size have equal or growing buckets, rounding included, and lines
 * are put into buckets by the arithmetic that finds them. So the bucket holds the end of the search.
 */
export class SegmentRoot {
  readonly #firstKeys: SortedKeys;
  readonly #isLinear: boolean;
  readonly #least: number;
  readonly #bucketsPerUnit: number;
  /** Bucket b holds the lines from `#starts[b]` to `#starts[b + 1]`. */
  readonly #starts: Int32Array;

  /** @param firstKeys - ascending, all different, at least one */
  constructor(firstKeys: SortedKeys) {
    const [linear, bits] = [rootTable(firstKeys, 'linear'), rootTable(firstKeys, 'bits')];
    const best = linear.steps <= bits.steps ? linear : bits;
    this.#firstKeys = firstKeys;
    this.#isLinear = best.scale === 'linear';
    this.#least = best.least;
    this.#bucketsPerUnit = best.bucketsPerUnit;
    this.#starts = best.starts;
  }

  get bytes(): number {
    return this.#starts.byteLength;
  }

  /** The last line whose first key is at most `key`; -1 for none. */
  find(key: number): number {
    const keys = this.#firstKeys;
    const starts = this.#starts;
    const scaled = this.#isLinear ? key : highWord(key);
    const place = (scaled - this.#least) * this.#bucketsPerUnit;
    const last = starts.length - 2;
    const bucket = place > 0 ? (place < last ? Math.trunc(place) : last) : 0;
    let first = starts[bucket] as number;
    let end = starts[bucket + 1] as number;
    while (first < end) {
      const middle = (first + end) >>> 1;
      if ((keys[middle] as number) <= key) first = middle + 1;
      else end = middle;
    }
    return first - 1;
  }
}

interface RootTable {
  readonly scale: Scale;
  readonly least: number;
  readonly bucketsPerUnit: number;
  readonly starts: Int32Array;
  /** Halvings that remain, summed over the lines. */
  readonly steps: number;
}

function rootTable(firstKeys: SortedKeys, scale: Scale): RootTable {
  const lines = firstKeys.length;
  const scaled = scale === 'linear' ? firstKeys : firstKeys.map(highWord);
  const least = scaled[0] as number;
  const range = (scaled[lines - 1] as number) - least;
  const buckets = lines * BUCKETS_PER_LINE;
  const ratio = range > 0 && Number.isFinite(range) ? buckets / range : 0;
  const bucketsPerUnit = Number.isFinite(ratio) ? ratio : 0;
  const places = scaled.map((value) =>
    Math.min(buckets - 1, Math.trunc((value - least) * bucketsPerUnit)),
  );
  const starts = new Int32Array(buckets + 1);
  for (let bucket = 0; bucket < buckets; bucket++) starts[bucket] = lowerBound(places, bucket);
  starts[buckets] = lines;
  let steps = 0;
  for (let bucket = 0; bucket < buckets; bucket++) {
    const within = (starts[bucket + 1] as number) - (starts[bucket] as number);
    steps += within * Math.log2(within + 1);
  }
  return { scale, least, bucketsPerUnit, starts, steps };
}

const DOUBLE = new Float64Array(1);
const HALVES = new Int32Array(DOUBLE.buffer);

/** The upper 32 bits of a double as an integer that grows with it. */
function highWord(key: number): number {
  DOUBLE[0] = key;
  const high = HALVES[1] as number;
  return high >= 0 ? high : -(high & 0x7fff_ffff);
}
