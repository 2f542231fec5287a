// Searching sorted keys: the whole array by halving, or near a guess with a stated error.

/** Numbers in ascending order, repeated or not; NaN never. */
export type SortedKeys = Float64Array;

/** How many keys are smaller than `key`, by binary search over `[from, to)`. */
export function lowerBound(keys: SortedKeys, key: number, from = 0, to = keys.length): number {
  let first = from;
  let end = to;
  while (first < end) {
    const middle = (first + end) >>> 1;
    if ((keys[middle] as number) < key) first = middle + 1;
    else end = middle;
  }
  return first;
}

/**
 * The same answer, found from `guess` in steps that double: about 2 · log2(distance to the answer)
 * comparisons. A wrong guess, whatever it is, costs time and never the answer.
 */
export function lowerBoundFrom(keys: SortedKeys, key: number, guess: number): number {
  const { length } = keys;
  const start = guess > 0 ? (guess < length ? Math.trunc(guess) : length) : 0;
  let first = start;
  let end = start;
  let step = FIRST_STEP;
  if (start < length && (keys[start] as number) < key) {
    first = start + 1;
    end = start + step;
    while (end < length && (keys[end] as number) < key) {
      first = end + 1;
      step *= 2;
      end += step;
    }
    if (end > length) end = length;
  } else {
    first = start - step;
    while (first > 0 && (keys[first - 1] as number) >= key) {
      end = first - 1;
      step *= 2;
      first -= step;
    }
    if (first < 0) first = 0;
  }
  while (first < end) {
    const middle = (first + end) >>> 1;
    if ((keys[middle] as number) < key) first = middle + 1;
    else end = middle;
  }
  return first;
}

/** Keys in one cache line of 64 bytes: nearer than that, distance costs nothing. */
const FIRST_STEP = 8;

const DOUBLE = new Float64Array(1);
const HALVES = new Int32Array(DOUBLE.buffer);

/** The least double above a finite one; `lowerBound` of it counts the keys `<= key`. */
export function nextDouble(key: number): number {
  if (key === 0) return Number.MIN_VALUE;
  DOUBLE[0] = key;
  const low = HALVES[0] as number;
  const step = key > 0 ? 1 : -1;
  HALVES[0] = low + step;
  if (low === (key > 0 ? -1 : 0)) HALVES[1] = (HALVES[1] as number) + step;
  return DOUBLE[0];
}
