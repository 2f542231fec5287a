// Sequence numbers of envelopes: never below the clock's microseconds, never twice the same, also
// after kill -9 and with a clock that was set back. Numbers are reserved on the disk in blocks, so
// that there is no write for each message.

import { decodeCanonical, encodeCanonical } from './canonical-cbor.ts';
import { uintSchema } from './numbers.ts';
import type { Clock } from './ports/clock.ts';
import { type PeerStore, PeerStoreError } from './ports/peer-store.ts';

/** Numbers per millisecond of clock. */
const PER_MS = 1000;
/** Numbers that one write reserves: a minute of clock. */
export const SEQUENCE_BLOCK = 60_000 * PER_MS;
/** Numbers of each block that the clock leaves for messages while the next block is written. */
export const SEQUENCE_ROOM = 1_000_000;

const MARK_KEY = 'sequence';
const MARK_BYTES_MAX = 16;

/**
 * Invariant: over a store, no number is handed out above what the disk says is reserved, and after
 * a restart all numbers are above it.
 */
export class Sequence {
  readonly #clock: Clock;
  #store: PeerStore | undefined;
  #last = 0;
  #reserved = Number.MAX_SAFE_INTEGER;
  #reserving: Promise<void> | undefined;

  /** A sequence that forgets when the process ends; the clock alone keeps it rising. */
  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * A sequence that goes on above every number that its store ever reserved, and above those that
   * another stamped with the same name until `formerUntilMs` of its clock.
   * @throws {PeerStoreError} when the first block cannot be written
   */
  static async open(clock: Clock, store: PeerStore, formerUntilMs = 0): Promise<Sequence> {
    const sequence = new Sequence(clock);
    sequence.#store = store;
    const stored = await store.get('mark', MARK_KEY);
    if (stored !== undefined) {
      const decoded = decodeCanonical(stored, MARK_BYTES_MAX);
      sequence.#last = uintSchema.parse(decoded.ok ? decoded.value : undefined);
    }
    sequence.#last = Math.max(sequence.#last, formerUntilMs * PER_MS);
    sequence.#reserved = sequence.#last;
    await sequence.#reserve(store);
    return sequence;
  }

  /**
   * The fields that bind an envelope to its place in time.
   * @throws {PeerStoreError} `storage` when the disk refused new blocks for a million messages
   */
  stamp(): { readonly seq: number; readonly nowMs: number } {
    const nowMs = this.#clock.nowMs();
    const byClock = Math.min(nowMs * PER_MS, this.#reserved - SEQUENCE_ROOM);
    const seq = Math.max(this.#last + 1, byClock);
    if (seq > this.#reserved) {
      throw new PeerStoreError('storage', 'no sequence numbers are left: the disk takes no writes');
    }
    this.#last = seq;
    if (this.#store !== undefined && this.#reserved - seq < SEQUENCE_BLOCK / 2) {
      this.#reserving ??= this.#reserve(this.#store)
        .catch(() => undefined)
        .finally(() => {
          this.#reserving = undefined;
        });
    }
    return { seq, nowMs };
  }

  async #reserve(store: PeerStore): Promise<void> {
    const mark = Math.max(this.#last, this.#clock.nowMs() * PER_MS) + SEQUENCE_BLOCK;
    await store.write([{ table: 'mark', key: MARK_KEY, value: encodeCanonical(mark) }]);
    this.#reserved = mark;
  }
}
