// A set of rows as a bitmap by slot: bit `slot & 31` of word `slot >> 5`, the form in which filters,
// columns, workers and kernels exchange rows. A slot past the last word is not in the set.

import { IndexError } from '../index-error.ts';

/** One more than the largest slot. */
export const SLOT_COUNT_MAX = 1 << 24;

/**
 * Rows of one index by slot.
 *
 * Invariant: `count` is the number of bits set in `words`.
 */
export class RowSet {
  #words: Uint32Array<ArrayBuffer>;
  #count: number;

  /** An empty set with room for the slots below `slotCount`; it grows when a larger one is added. */
  constructor(slotCount = 0) {
    this.#words = new Uint32Array(wordsFor(slotCount));
    this.#count = 0;
  }

  /** The set that holds exactly `slots`, in any order, repeated or not. */
  static fromSlots(slots: Iterable<number>, slotCount = 0): RowSet {
    const set = new RowSet(slotCount);
    for (const slot of slots) set.add(slot);
    return set;
  }

  /** Every slot of `[from, to)`. */
  static range(from: number, to: number): RowSet {
    const set = new RowSet(to);
    set.addRange(from, to);
    return set;
  }

  /** Takes a bitmap over, without a copy, and counts it. */
  static fromWords(words: Uint32Array<ArrayBuffer>): RowSet {
    const set = new RowSet();
    if (words.length * 32 > SLOT_COUNT_MAX) throw tooLarge(words.length * 32 - 1);
    set.#words = words;
    set.#count = countBits(words);
    return set;
  }

  /** The bitmap. Valid until the set grows; write through the methods only. */
  get words(): Uint32Array<ArrayBuffer> {
    return this.#words;
  }

  /** Number of slots in the set. */
  get count(): number {
    return this.#count;
  }

  has(slot: number): boolean {
    const at = slot >>> 5;
    return at < this.#words.length && (((this.#words[at] as number) >>> (slot & 31)) & 1) === 1;
  }

  /**
   * Adds a slot and says whether it is new.
   *
   * @throws IndexError `limit-exceeded` unless 0 <= slot < SLOT_COUNT_MAX
   */
  add(slot: number): boolean {
    const at = slot >>> 5;
    if (at >= this.#words.length) this.#grow(slot);
    const word = this.#words[at] as number;
    const bit = 1 << (slot & 31);
    if ((word & bit) !== 0) return false;
    this.#words[at] = word | bit;
    this.#count++;
    return true;
  }

  /** Removes a slot and says whether it was there. */
  delete(slot: number): boolean {
    if (!this.has(slot)) return false;
    const at = slot >>> 5;
    this.#words[at] = (this.#words[at] as number) & ~(1 << (slot & 31));
    this.#count--;
    return true;
  }

  /** Adds every slot of `[from, to)`. */
  addRange(from: number, to: number): void {
    if (from >= to) return;
    if (from < 0) throw tooLarge(from);
    if (to > this.#words.length * 32) this.#grow(to - 1);
    const words = this.#words;
    const first = from >>> 5;
    const last = (to - 1) >>> 5;
    let before = 0;
    for (let at = first; at <= last; at++) before += popcount(words[at] as number);
    const head = (0xffff_ffff << (from & 31)) >>> 0;
    const tail = 0xffff_ffff >>> (31 - ((to - 1) & 31));
    if (first === last) words[first] = (words[first] as number) | (head & tail);
    else {
      words[first] = (words[first] as number) | head;
      words.fill(0xffff_ffff, first + 1, last);
      words[last] = (words[last] as number) | tail;
    }
    let after = 0;
    for (let at = first; at <= last; at++) after += popcount(words[at] as number);
    this.#count += after - before;
  }

  clear(): void {
    this.#words.fill(0);
    this.#count = 0;
  }

  clone(): RowSet {
    const set = new RowSet();
    set.#words = this.#words.slice();
    set.#count = this.#count;
    return set;
  }

  /** A new set: the slots of both. */
  and(other: RowSet): RowSet {
    const [a, b] = [this.#words, other.#words];
    const words = new Uint32Array(Math.min(a.length, b.length));
    for (let at = 0; at < words.length; at++) words[at] = (a[at] as number) & (b[at] as number);
    return RowSet.fromWords(words);
  }

  /** A new set: the slots of either. */
  or(other: RowSet): RowSet {
    const isLonger = this.#words.length >= other.#words.length;
    const set = (isLonger ? this : other).clone();
    set.addAll(isLonger ? other : this);
    return set;
  }

  /** A new set: the slots of this one that `other` does not hold. */
  andNot(other: RowSet): RowSet {
    const set = this.clone();
    set.deleteAll(other);
    return set;
  }

  /** A new set: the slots of `[0, slotCount)` that this one does not hold. */
  not(slotCount: number): RowSet {
    return RowSet.range(0, slotCount).andNot(this);
  }

  /** Adds every slot of `other`. */
  addAll(other: RowSet): void {
    const added = other.#words;
    if (added.length > this.#words.length) this.#grow(added.length * 32 - 1);
    const words = this.#words;
    for (let at = 0; at < added.length; at++) {
      words[at] = (words[at] as number) | (added[at] as number);
    }
    this.#count = countBits(words);
  }

  /** Removes every slot of `other`. */
  deleteAll(other: RowSet): void {
    const words = this.#words;
    const shared = Math.min(words.length, other.#words.length);
    for (let at = 0; at < shared; at++) {
      words[at] = (words[at] as number) & ~(other.#words[at] as number);
    }
    this.#count = countBits(words);
  }

  /** How many slots both hold, without building that set. */
  countAnd(other: RowSet): number {
    const [a, b] = [this.#words, other.#words];
    const shared = Math.min(a.length, b.length);
    let count = 0;
    for (let at = 0; at < shared; at++) count += popcount((a[at] as number) & (b[at] as number));
    return count;
  }

  equals(other: RowSet): boolean {
    return this.#count === other.#count && this.countAnd(other) === this.#count;
  }

  /** The slots, ascending. The set must not change meanwhile. */
  *slots(): Generator<number, void, undefined> {
    const words = this.#words;
    for (let at = 0; at < words.length; at++) {
      for (let word = words[at] as number; word !== 0; word &= word - 1) {
        yield at * 32 + lowestBit(word);
      }
    }
  }

  [Symbol.iterator](): Generator<number, void, undefined> {
    return this.slots();
  }

  /** The slots, ascending, as a list: several times faster than the iterator. */
  toSlots(): Int32Array<ArrayBuffer> {
    const slots = new Int32Array(this.#count);
    const words = this.#words;
    let position = 0;
    for (let at = 0; at < words.length; at++) {
      for (let word = words[at] as number; word !== 0; word &= word - 1) {
        slots[position++] = at * 32 + lowestBit(word);
      }
    }
    return slots;
  }

  #grow(slot: number): void {
    if (slot < 0 || slot >= SLOT_COUNT_MAX || Number.isNaN(slot)) throw tooLarge(slot);
    const doubled = Math.min(2 * this.#words.length, SLOT_COUNT_MAX / 32);
    const words = new Uint32Array(Math.max(wordsFor(slot + 1), doubled));
    words.set(this.#words);
    this.#words = words;
  }
}

function wordsFor(slotCount: number): number {
  if (slotCount < 0 || slotCount > SLOT_COUNT_MAX) throw tooLarge(slotCount - 1);
  return Math.ceil(slotCount / 32);
}

/** Position of the lowest bit that is set. */
function lowestBit(word: number): number {
  return 31 - Math.clz32(word & -word);
}

function countBits(words: Uint32Array): number {
  let count = 0;
  for (let at = 0; at < words.length; at++) count += popcount(words[at] as number);
  return count;
}

/** Bits set in a word, added up in parallel (Warren 2012, Hacker's Delight, section 5-1). */
function popcount(word: number): number {
  const pairs = word - ((word >>> 1) & 0x5555_5555);
  const nibbles = (pairs & 0x3333_3333) + ((pairs >>> 2) & 0x3333_3333);
  return Math.imul((nibbles + (nibbles >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24;
}

function tooLarge(slot: number): IndexError {
  return new IndexError(
    'limit-exceeded',
    `slot ${slot} violates 0 <= slot < SLOT_COUNT_MAX = ${SLOT_COUNT_MAX}; use several segments`,
  );
}
