import { IndexError } from '../index-error.ts';
import { INDEX_LIMITS } from '../index-limits.ts';
import { finished, HASH_START, hashOf, mixed } from './id-hash.ts';

/** Buckets per slot: linear probing looks at three buckets on average when all slots are named. */
const BUCKETS_PER_SLOT = 1.25;
const ARENA_BYTES_MIN = 256;
const ARENA_BYTES_MAX = 0xffff_ffff;
/** Of the two bytes before each id: set when its units are two bytes wide. */
const WIDE = 0x8000;
const NO_RECORD = 0;
/** Decoded ids that are kept. */
const RECENT_IDS = 4_096;
const EMPTY = 0;
const SLOT_BITS = 24;
const SLOT_MASK = 0xff_ffff;

/**
 * The ids of slots, both ways, in typed arrays: about nine bytes per slot beside the characters. An
 * id is a record of its length and its UTF-16 units, one byte each when all fit (Latin-1).
 *
 * Invariant: a bucket is 0 or 2²⁴ · (eight bits of the hash) + slot + 1, and no empty bucket lies
 * between the bucket that a hash names and the one that holds it.
 */
export class IdTable {
  /** Where the record of a slot begins; 0 for a slot without id. */
  #offsets: Uint32Array;
  #buckets: Int32Array;
  #arena = Buffer.alloc(ARENA_BYTES_MIN);
  // Byte 0 belongs to no record.
  #arenaEnd = 1;
  #garbageBytes = 0;
  #size = 0;
  // Decoding takes longer than the kernel's work on a hit, and hits repeat.
  readonly #recentIds: (string | undefined)[] = [];
  readonly #recentSlots: number[] = [];

  constructor(capacity: number) {
    this.#offsets = new Uint32Array(capacity);
    this.#buckets = new Int32Array(bucketCountOf(capacity));
  }

  get size(): number {
    return this.#size;
  }

  /** Bytes of the table, and of the characters in it. */
  get bytes(): { readonly table: number; readonly characters: number } {
    const table = this.#offsets.byteLength + this.#buckets.byteLength;
    return { table, characters: this.#arena.byteLength };
  }

  /** Makes room for slots below `capacity`. */
  grow(capacity: number): void {
    if (capacity <= this.#offsets.length) return;
    const offsets = new Uint32Array(capacity);
    offsets.set(this.#offsets);
    this.#offsets = offsets;
    this.#buckets = new Int32Array(bucketCountOf(capacity));
    for (let slot = 0; slot < capacity; slot++) {
      if (offsets[slot] !== NO_RECORD) this.#fillBucket(this.#hashAt(slot), slot);
    }
  }

  slotOf(id: string): number | undefined {
    const hash = hashOf(id);
    const tag = hash & 0xff;
    const buckets = this.#buckets;
    for (let at = this.#home(hash); ; at = at + 1 === buckets.length ? 0 : at + 1) {
      const bucket = buckets[at] as number;
      if (bucket === EMPTY) return undefined;
      const slot = (bucket & SLOT_MASK) - 1;
      if (bucket >>> SLOT_BITS === tag && this.#isNamed(slot, id)) return slot;
    }
  }

  idOf(slot: number): string | undefined {
    const offset = this.#offsets[slot] ?? NO_RECORD;
    if (offset === NO_RECORD) return undefined;
    const at = slot % RECENT_IDS;
    const recent = this.#recentIds[at];
    if (recent !== undefined && this.#recentSlots[at] === slot) return recent;
    const head = this.#headAt(offset);
    const encoding = head < WIDE ? 'latin1' : 'utf16le';
    const id = this.#arena.toString(encoding, offset + 2, offset + recordBytes(head));
    this.#recentIds[at] = id;
    this.#recentSlots[at] = slot;
    return id;
  }

  has(slot: number): boolean {
    return (this.#offsets[slot] ?? NO_RECORD) !== NO_RECORD;
  }

  /** Names a slot that has no id; no other slot has this one. */
  set(slot: number, id: string): void {
    this.#offsets[slot] = this.#append(id);
    this.#size++;
    this.#fillBucket(hashOf(id), slot);
  }

  /** Takes the id of a slot away and forgets its characters. */
  delete(slot: number): void {
    const offset = this.#offsets[slot] ?? NO_RECORD;
    if (offset === NO_RECORD) return;
    this.#emptyBucket(this.#hashAt(slot), slot);
    this.#recentIds[slot % RECENT_IDS] = undefined;
    const end = offset + recordBytes(this.#headAt(offset));
    this.#arena.fill(0, offset, end);
    this.#garbageBytes += end - offset;
    this.#offsets[slot] = NO_RECORD;
    this.#size--;
    if (this.#garbageBytes > ARENA_BYTES_MIN && this.#garbageBytes * 2 > this.#arenaEnd) {
      this.#compact(this.#arenaEnd);
    }
  }

  *ids(): IterableIterator<string> {
    for (let slot = 0; slot < this.#offsets.length; slot++) {
      const id = this.idOf(slot);
      if (id !== undefined) yield id;
    }
  }

  /** The records of slots below `slotCount`, one after another; those without id have length 0. */
  records(slotCount: number): Uint8Array {
    let bytes = 0;
    for (let slot = 0; slot < slotCount; slot++) bytes += this.#recordBytesOf(slot);
    const records = new Uint8Array(bytes);
    let at = 0;
    for (let slot = 0; slot < slotCount; slot++) {
      const offset = this.#offsets[slot] as number;
      const length = this.#recordBytesOf(slot);
      if (offset !== NO_RECORD) records.set(this.#arena.subarray(offset, offset + length), at);
      at += length;
    }
    return records;
  }

  /**
   * Fills an empty table from the `records` of another one; says whether they are such: whole,
   * within `idLengthMax`, one for each of `slotCount` slots and no id twice.
   */
  restore(records: Uint8Array, slotCount: number): boolean {
    this.#arena = Buffer.alloc(records.length + 1);
    this.#arena.set(records, 1);
    this.#arenaEnd = records.length + 1;
    let offset = 1;
    for (let slot = 0; slot < slotCount; slot++) {
      if (offset + 2 > this.#arenaEnd) return false;
      const head = this.#headAt(offset);
      const end = offset + recordBytes(head);
      if (end > this.#arenaEnd || (head & ~WIDE) > INDEX_LIMITS.idLengthMax) return false;
      if (end > offset + 2) {
        this.#offsets[slot] = offset;
        const hash = this.#hashAt(slot);
        if (this.#holdsRecord(hash, offset, end)) return false;
        this.#size++;
        this.#fillBucket(hash, slot);
      }
      offset = end;
    }
    return offset === this.#arenaEnd;
  }

  #recordBytesOf(slot: number): number {
    const offset = this.#offsets[slot] as number;
    return offset === NO_RECORD ? 2 : recordBytes(this.#headAt(offset));
  }

  #headAt(offset: number): number {
    return (this.#arena[offset] as number) | ((this.#arena[offset + 1] as number) << 8);
  }

  #unitAt(offset: number, head: number, position: number): number {
    if (head < WIDE) return this.#arena[offset + 2 + position] as number;
    const at = offset + 2 + 2 * position;
    return (this.#arena[at] as number) | ((this.#arena[at + 1] as number) << 8);
  }

  #isNamed(slot: number, id: string): boolean {
    const offset = this.#offsets[slot] as number;
    const head = this.#headAt(offset);
    if ((head & ~WIDE) !== id.length) return false;
    for (let i = 0; i < id.length; i++) {
      if (this.#unitAt(offset, head, i) !== id.charCodeAt(i)) return false;
    }
    return true;
  }

  #hashAt(slot: number): number {
    const offset = this.#offsets[slot] as number;
    const head = this.#headAt(offset);
    let hash = HASH_START;
    for (let i = 0; i < (head & ~WIDE); i++) hash = mixed(hash, this.#unitAt(offset, head, i));
    return finished(hash);
  }

  #append(id: string): number {
    let width = 1;
    for (let i = 0; i < id.length; i++) if (id.charCodeAt(i) > 0xff) width = 2;
    const head = id.length | (width === 2 ? WIDE : 0);
    const end = this.#arenaEnd + recordBytes(head);
    if (end > this.#arena.length) this.#compact(end);
    const offset = this.#arenaEnd;
    this.#arenaEnd += recordBytes(head);
    this.#arena[offset] = head & 0xff;
    this.#arena[offset + 1] = head >> 8;
    for (let i = 0, at = offset + 2; i < id.length; i++) {
      const unit = id.charCodeAt(i);
      this.#arena[at++] = unit & 0xff;
      if (width === 2) this.#arena[at++] = unit >> 8;
    }
    return offset;
  }

  /** Moves the records together into an arena with room for `bytes` and a quarter more. */
  #compact(bytes: number): void {
    const room = Math.ceil((bytes - this.#garbageBytes) * 1.25) + ARENA_BYTES_MIN;
    if (room > ARENA_BYTES_MAX) {
      throw new IndexError('limit-exceeded', `the ids need ${room} bytes; use shorter ids`);
    }
    const arena = Buffer.alloc(room);
    let end = 1;
    for (let slot = 0; slot < this.#offsets.length; slot++) {
      const offset = this.#offsets[slot] as number;
      if (offset === NO_RECORD) continue;
      const record = this.#arena.subarray(offset, offset + recordBytes(this.#headAt(offset)));
      arena.set(record, end);
      this.#offsets[slot] = end;
      end += record.length;
    }
    this.#arena = arena;
    this.#arenaEnd = end;
    this.#garbageBytes = 0;
  }

  /** Whether a bucket leads to a record with the same bytes. */
  #holdsRecord(hash: number, offset: number, end: number): boolean {
    const buckets = this.#buckets;
    for (let at = this.#home(hash); ; at = at + 1 === buckets.length ? 0 : at + 1) {
      const bucket = buckets[at] as number;
      if (bucket === EMPTY) return false;
      if (bucket >>> SLOT_BITS !== (hash & 0xff)) continue;
      const other = this.#offsets[(bucket & SLOT_MASK) - 1] as number;
      let i = 0;
      while (offset + i < end && this.#arena[offset + i] === this.#arena[other + i]) i++;
      if (offset + i === end) return true;
    }
  }

  #home(hash: number): number {
    return Math.floor((hash / 2 ** 32) * this.#buckets.length);
  }

  #fillBucket(hash: number, slot: number): void {
    const buckets = this.#buckets;
    let at = this.#home(hash);
    while (buckets[at] !== EMPTY) at = at + 1 === buckets.length ? 0 : at + 1;
    buckets[at] = ((hash & 0xff) << SLOT_BITS) | (slot + 1);
  }

  /** Empties a bucket and moves those behind it that would no longer be found (Knuth 6.4 R). */
  #emptyBucket(hash: number, slot: number): void {
    const buckets = this.#buckets;
    const { length } = buckets;
    let hole = this.#home(hash);
    while (((buckets[hole] as number) & SLOT_MASK) !== slot + 1) hole = (hole + 1) % length;
    for (let at = (hole + 1) % length; buckets[at] !== EMPTY; at = (at + 1) % length) {
      const home = this.#home(this.#hashAt(((buckets[at] as number) & SLOT_MASK) - 1));
      const isFound = hole < at ? home > hole && home <= at : home > hole || home <= at;
      if (isFound) continue;
      buckets[hole] = buckets[at] as number;
      hole = at;
    }
    buckets[hole] = EMPTY;
  }
}

/** Bytes of a record: two of its head, then its units. */
export function recordBytes(head: number): number {
  return 2 + (head & ~WIDE) * (head >= WIDE ? 2 : 1);
}

function bucketCountOf(capacity: number): number {
  return Math.ceil(capacity * BUCKETS_PER_SLOT) + 1;
}
