// Bytes in an array of finite float32 numbers, for records that carry nothing else: a NaN might lose
// its bits, or be refused, on the way.

import { type Checked, checked, refused } from '../verdict.ts';

/** Words of a group: fewer than exponents, so that one exponent at least is free. */
const GROUP_WORDS = 255;
/** Masks that one number holds exactly. */
const MASKS_PER_NUMBER = 3;
const HEADER_NUMBERS = 2;
const HALF = 2 ** 16;

/**
 * `bytes` as finite numbers: the length in two of them, then for each 255 words the mask that keeps
 * their exponents from all ones, then the words. Adds 8 bytes and about 0.13 %.
 */
export function carryBytes(bytes: Uint8Array): Float32Array {
  const words = Math.ceil(bytes.length / 4);
  const groups = Math.ceil(words / GROUP_WORDS);
  const masks = new Uint8Array(Math.ceil(groups / MASKS_PER_NUMBER) * MASKS_PER_NUMBER);
  const from = HEADER_NUMBERS + masks.length / MASKS_PER_NUMBER;
  const numbers = new Float32Array(from + words);
  const view = new DataView(numbers.buffer);
  new Uint8Array(numbers.buffer).set(bytes, 4 * from);
  const carried = new Uint32Array(numbers.buffer);
  if (!IS_LITTLE_ENDIAN) {
    for (let i = from; i < carried.length; i++) carried[i] = view.getUint32(4 * i, true);
  }
  for (let group = 0; group < groups; group++) {
    const start = from + group * GROUP_WORDS;
    const end = Math.min(carried.length, start + GROUP_WORDS);
    const mask = freeMask(carried, start, end);
    masks[group] = mask;
    if (mask === 0) continue;
    for (let i = start; i < end; i++) carried[i] = (carried[i] as number) ^ (mask << 23);
  }
  numbers[0] = bytes.length % HALF;
  numbers[1] = Math.floor(bytes.length / HALF);
  for (let i = HEADER_NUMBERS; i < from; i++) {
    const at = (i - HEADER_NUMBERS) * MASKS_PER_NUMBER;
    numbers[i] =
      (masks[at] as number) + 256 * (masks[at + 1] as number) + HALF * (masks[at + 2] as number);
  }
  return numbers;
}

/** The bytes that `carryBytes` packed, or why the numbers carry none. */
export function carriedBytes(numbers: Float32Array): Checked<Uint8Array> {
  const length = (numbers[0] ?? Number.NaN) + HALF * (numbers[1] ?? Number.NaN);
  const words = Math.ceil(length / 4);
  const groups = Math.ceil(words / GROUP_WORDS);
  const from = HEADER_NUMBERS + Math.ceil(groups / MASKS_PER_NUMBER);
  if (from + words !== numbers.length) {
    return refused('wrong-shape', `${numbers.length} numbers do not carry ${length} bytes`);
  }
  const carried = new Uint32Array(numbers.slice(from).buffer);
  for (let group = 0; group < groups; group++) {
    const packed = numbers[HEADER_NUMBERS + Math.floor(group / MASKS_PER_NUMBER)] as number;
    const mask = (packed >>> (8 * (group % MASKS_PER_NUMBER))) & 0xff;
    const end = Math.min(words, (group + 1) * GROUP_WORDS);
    for (let i = group * GROUP_WORDS; i < end; i++) {
      carried[i] = (carried[i] as number) ^ (mask << 23);
    }
  }
  if (!IS_LITTLE_ENDIAN) {
    const view = new DataView(carried.buffer);
    for (let i = 0; i < words; i++) view.setUint32(4 * i, carried[i] as number, true);
  }
  const bytes = new Uint8Array(carried.buffer, 0, length);
  return isSame(carryBytes(bytes), numbers)
    ? checked(bytes)
    : refused('wrong-shape', 'numbers that carry bytes in another way than the one');
}

/** The smallest mask under which no exponent of the words is all ones. */
function freeMask(words: Uint32Array, start: number, end: number): number {
  const isTaken = new Uint8Array(256);
  for (let i = start; i < end; i++) isTaken[0xff ^ (((words[i] as number) >>> 23) & 0xff)] = 1;
  return isTaken.indexOf(0);
}

function isSame(a: Float32Array, b: Float32Array): boolean {
  const mine = new Uint32Array(a.buffer, a.byteOffset, a.length);
  const theirs = new Uint32Array(b.buffer, b.byteOffset, b.length);
  for (let i = 0; i < mine.length; i++) {
    if (mine[i] !== theirs[i]) return false;
  }
  return mine.length === theirs.length;
}

const IS_LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
