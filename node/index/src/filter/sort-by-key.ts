// Radix sort (Knuth, The Art of Computer Programming 3, section 5.2.5) of doubles with a slot each, on
// their bits: a million rows take a few passes and no comparison calls.

const DIGIT_BITS = 16;
const DIGITS = 4;
const BUCKETS = 1 << DIGIT_BITS;

/** Below this many, comparing is cheaper than counting 65,536 buckets. */
const RADIX_ROWS_MIN = 20_000;

/** Keys ascending, and the slot of each; slots of equal keys keep their order. */
export interface KeyedSlots {
  readonly keys: Float64Array<ArrayBuffer>;
  readonly slots: Int32Array<ArrayBuffer>;
}

/** Sorts copies; the keys hold neither NaN nor -0. */
export function sortByKey({ keys, slots }: KeyedSlots): KeyedSlots {
  return keys.length < RADIX_ROWS_MIN ? comparisonSort(keys, slots) : radixSort(keys, slots);
}

function comparisonSort(keys: Float64Array, slots: Int32Array): KeyedSlots {
  const order = Int32Array.from(keys, (_, at) => at).sort(
    (a, b) => (keys[a] as number) - (keys[b] as number) || a - b,
  );
  return {
    keys: Float64Array.from(order, (at) => keys[at] as number),
    slots: Int32Array.from(order, (at) => slots[at] as number),
  };
}

function radixSort(keys: Float64Array<ArrayBuffer>, slots: Int32Array<ArrayBuffer>): KeyedSlots {
  let from = { keys: keys.slice(), slots: slots.slice() };
  let to = { keys: new Float64Array(keys.length), slots: new Int32Array(keys.length) };
  toggleOrder(from.keys, false);
  for (let digit = 0; digit < DIGITS; digit++) {
    if (!moveByDigit(from, to, digit)) continue;
    [from, to] = [to, from];
  }
  toggleOrder(from.keys, true);
  return from;
}

/** One stable pass; nothing is moved, and false returned, when all keys share the digit. */
function moveByDigit(from: KeyedSlots, to: KeyedSlots, digit: number): boolean {
  const digits = new Uint16Array(from.keys.buffer);
  const { length } = from.keys;
  const ends = new Int32Array(BUCKETS);
  for (let at = 0; at < length; at++) {
    const bucket = digits[at * DIGITS + digit] as number;
    ends[bucket] = (ends[bucket] as number) + 1;
  }
  if (ends[digits[digit] as number] === length) return false;
  let start = 0;
  for (let bucket = 0; bucket < BUCKETS; bucket++) {
    const count = ends[bucket] as number;
    ends[bucket] = start;
    start += count;
  }
  // Words, not doubles, are moved: toggled bits may spell a NaN, which an engine may rewrite.
  const source = new Uint32Array(from.keys.buffer);
  const target = new Uint32Array(to.keys.buffer);
  for (let at = 0; at < length; at++) {
    const bucket = digits[at * DIGITS + digit] as number;
    const place = ends[bucket] as number;
    ends[bucket] = place + 1;
    target[2 * place] = source[2 * at] as number;
    target[2 * place + 1] = source[2 * at + 1] as number;
    to.slots[place] = from.slots[at] as number;
  }
  return true;
}

/** Makes bits ascend as doubles do (all of a negative flip, the sign of others), or undoes it. */
function toggleOrder(keys: Float64Array<ArrayBuffer>, isToggled: boolean): void {
  const words = new Int32Array(keys.buffer);
  for (let at = 0; at < words.length; at += 2) {
    const high = words[at + 1] as number;
    const isNegative = isToggled ? high >= 0 : high < 0;
    if (isNegative) words[at] = ~(words[at] as number);
    words[at + 1] = isNegative ? ~high : high ^ 0x8000_0000;
  }
}
