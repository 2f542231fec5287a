// The optimal streaming segmentation of a sorted array into lines that miss no rank by more than ε:
// O'Rourke 1981, as used by the PGM-index (Ferragina & Vinciguerra 2020, section 2.1). Slopes are
// quotients, never cross products, so keys of any magnitude neither overflow nor lose their order.

import type { SortedKeys } from './lower-bound.ts';

/** Lines over runs of keys: `rank ≈ intercepts[s] + slopes[s] · (key − firstKeys[s])`. */
export interface Segments {
  readonly firstKeys: Float64Array<ArrayBuffer>;
  /** At least 0, so that a prediction keeps the order of keys. */
  readonly slopes: Float64Array<ArrayBuffer>;
  readonly intercepts: Int32Array<ArrayBuffer>;
  /** The largest distance of a predicted rank from the true one, found by predicting every key. */
  readonly errorMax: number;
}

/**
 * Covers the first occurrences of all keys with as few lines as the error bound allows.
 *
 * @param keys - sorted, finite
 * @param epsilon - ranks by which a line may miss, before rounding
 */
export function segmentKeys(keys: SortedKeys, epsilon: number): Segments {
  const lines = new Lines(keys, epsilon + 1);
  const fit = new FeasibleLines(epsilon);
  let first = 0;
  for (let rank = 0; rank < keys.length; rank++) {
    const key = keys[rank] as number;
    if (rank > 0 && key === keys[rank - 1]) continue;
    if (fit.add(key, rank)) continue;
    lines.push(first, rank, fit.slope());
    fit.restart(key, rank);
    first = rank;
  }
  if (keys.length > 0) lines.push(first, keys.length, fit.slope());
  return lines.segments();
}

/** The rank that line `segment` gives to a key at or after its first one. */
export function predictRank(segments: Segments, segment: number, key: number): number {
  const offset = key - (segments.firstKeys[segment] as number);
  return (segments.intercepts[segment] as number) + (segments.slopes[segment] as number) * offset;
}

/**
 * The lines that pass every point (key, rank) at a distance of at most ε, as their extreme slopes.
 *
 * Invariant: `#lower` is the concave hull of the points (key, rank − ε), which the steepest line must
 * not undercut, `#upper` the convex hull of (key, rank + ε), each from its tangent point on.
 */
class FeasibleLines {
  readonly #epsilon: number;
  readonly #lower = new Hull(1);
  readonly #upper = new Hull(-1);
  #firstKey = 0;
  #points = 0;
  #slopeMin = 0;
  #slopeMax = 0;
  /** A point of the steepest line, and one of the flattest. */
  #steepX = 0;
  #steepY = 0;
  #flatX = 0;
  #flatY = 0;

  constructor(epsilon: number) {
    this.#epsilon = epsilon;
  }

  restart(key: number, rank: number): void {
    this.#points = 0;
    this.#lower.clear();
    this.#upper.clear();
    this.add(key, rank);
  }

  /** Takes one more point, or says that no line passes this one too. */
  add(x: number, rank: number): boolean {
    const high = rank + this.#epsilon;
    const low = rank - this.#epsilon;
    if (this.#points === 0) {
      this.#firstKey = x;
      this.#slopeMin = Number.NEGATIVE_INFINITY;
      this.#slopeMax = Number.POSITIVE_INFINITY;
    } else {
      if (!Number.isFinite(x - this.#firstKey)) return false;
      const isFirstPair = this.#points === 1;
      const steep = isFirstPair ? Infinity : this.#steepY + this.#slopeMax * (x - this.#steepX);
      const flat = isFirstPair ? -Infinity : this.#flatY + this.#slopeMin * (x - this.#flatX);
      if (!(high >= flat && low <= steep)) return false;
      if (high < steep) {
        this.#slopeMax = this.#lower.tangentTo(x, high);
        this.#steepX = x;
        this.#steepY = high;
      }
      if (low > flat) {
        this.#slopeMin = this.#upper.tangentTo(x, low);
        this.#flatX = x;
        this.#flatY = low;
      }
    }
    this.#lower.push(x, low);
    this.#upper.push(x, high);
    this.#points++;
    return true;
  }

  /** A slope that all points allow; 0 for a single point. */
  slope(): number {
    if (this.#points < 2) return 0;
    const middle = this.#slopeMin / 2 + this.#slopeMax / 2;
    return Number.isFinite(middle) && middle > 0 ? middle : 0;
  }
}

/** One side of a convex hull; `side` 1 keeps points above their chords, -1 those below. */
class Hull {
  readonly #side: 1 | -1;
  readonly #xs: number[] = [];
  readonly #ys: number[] = [];
  #start = 0;

  constructor(side: 1 | -1) {
    this.#side = side;
  }

  clear(): void {
    this.#xs.length = 0;
    this.#ys.length = 0;
    this.#start = 0;
  }

  push(x: number, y: number): void {
    while (this.#xs.length - this.#start >= 2 && this.#isBelowChord(x, y)) {
      this.#xs.pop();
      this.#ys.pop();
    }
    this.#xs.push(x);
    this.#ys.push(y);
  }

  /** Slope of the line from the hull through (x, y) that has the whole hull on its side. */
  tangentTo(x: number, y: number): number {
    let best = this.#slopeFrom(this.#start, x, y);
    while (this.#start + 1 < this.#xs.length) {
      const next = this.#slopeFrom(this.#start + 1, x, y);
      if (this.#side * (next - best) > 0) break;
      best = next;
      this.#start++;
    }
    return best;
  }

  #isBelowChord(x: number, y: number): boolean {
    const last = this.#xs.length - 1;
    const lastX = this.#xs[last] as number;
    const toLast = this.#slopeFrom(last - 1, lastX, this.#ys[last] as number);
    return this.#side * (this.#slopeFrom(last - 1, x, y) - toLast) >= 0;
  }

  #slopeFrom(at: number, x: number, y: number): number {
    return (y - (this.#ys[at] as number)) / (x - (this.#xs[at] as number));
  }
}

/** Finished lines, each checked against every key of its run with the arithmetic of a lookup. */
class Lines {
  readonly #keys: SortedKeys;
  readonly #errorAllowed: number;
  readonly #firstRanks: number[] = [];
  readonly #slopes: number[] = [];
  readonly #intercepts: number[] = [];
  #errorMax = 0;

  constructor(keys: SortedKeys, errorAllowed: number) {
    this.#keys = keys;
    this.#errorAllowed = errorAllowed;
  }

  /** Adds a line over the ranks `[first, end)`, halved while rounding makes it miss. */
  push(first: number, end: number, slope: number): void {
    const intercept = this.#intercept(first, end, slope);
    const error = this.#error(first, end, slope, intercept);
    const middle = this.#middle(first, end);
    if (error > this.#errorAllowed && middle > first) {
      this.push(first, middle, slope);
      this.push(middle, end, slope);
      return;
    }
    this.#errorMax = Math.max(this.#errorMax, error);
    this.#firstRanks.push(first);
    this.#slopes.push(slope);
    this.#intercepts.push(intercept);
  }

  segments(): Segments {
    return {
      firstKeys: Float64Array.from(this.#firstRanks, (rank) => this.#keys[rank] as number),
      slopes: Float64Array.from(this.#slopes),
      intercepts: Int32Array.from(this.#intercepts),
      errorMax: this.#errorMax,
    };
  }

  /** The middle of what the line leaves over: no other intercept misses by less. */
  #intercept(first: number, end: number, slope: number): number {
    let least = Infinity;
    let most = -Infinity;
    for (let rank = first; rank < end; rank++) {
      if (this.#isRepeated(rank, first)) continue;
      const rest = rank - slope * this.#offset(rank, first);
      least = Math.min(least, rest);
      most = Math.max(most, rest);
    }
    const middle = Math.round((least + most) / 2);
    return Math.abs(middle) < 2 ** 31 ? middle : first;
  }

  #error(first: number, end: number, slope: number, intercept: number): number {
    let error = 0;
    for (let rank = first; rank < end; rank++) {
      if (this.#isRepeated(rank, first)) continue;
      const miss = Math.abs(intercept + slope * this.#offset(rank, first) - rank);
      error = miss >= 0 ? Math.max(error, miss) : Infinity;
    }
    return error;
  }

  /** A rank near the middle at which a new key begins; `first` when there is none. */
  #middle(first: number, end: number): number {
    let middle = first + ((end - first) >>> 1);
    while (middle > first && this.#isRepeated(middle, first)) middle--;
    if (middle > first) return middle;
    middle = first + 1;
    while (middle < end && this.#isRepeated(middle, first)) middle++;
    return middle < end ? middle : first;
  }

  #isRepeated(rank: number, first: number): boolean {
    return rank > first && this.#keys[rank] === this.#keys[rank - 1];
  }

  #offset(rank: number, first: number): number {
    return (this.#keys[rank] as number) - (this.#keys[first] as number);
  }
}
