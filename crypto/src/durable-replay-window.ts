// A replay window that survives kill -9: each sender's highest number is on the disk before its
// message counts as fresh. After a restart whatever lies at or below it is a replay.

import {
  decodeCanonical,
  encodeCanonical,
  type MemberId,
  memberIdSchema,
  type PeerStore,
  type PeerWrite,
  uintSchema,
} from '@starling/shared';
import { REPLAY_SENDERS_MAX, type ReplayVerdict, ReplayWindow } from './replay-window.ts';

const KEY_PREFIX = 'replay/';
const FLOOR_BYTES_MAX = 16;

/** One for each process: a member's numbers are the same whatever it says, and to whom. */
export class DurableReplayWindow {
  readonly #store: PeerStore;
  readonly #window: ReplayWindow;
  /** Highest number of each sender; the one silent longest stands first. */
  readonly #highest: Map<MemberId, number>;
  /** What the disk does not know yet; `undefined` is to be forgotten. */
  #unsaved = new Map<MemberId, number | undefined>();
  /** The write that will take whatever is unsaved when it begins. */
  #queued: Promise<void> | undefined;
  #writing: Promise<void> = Promise.resolve();

  private constructor(store: PeerStore, floors: Map<MemberId, number>) {
    this.#store = store;
    this.#window = new ReplayWindow(floors);
    this.#highest = floors;
  }

  /** Goes on where the store says. */
  static async open(store: PeerStore): Promise<DurableReplayWindow> {
    const floors = new Map<MemberId, number>();
    for await (const { key, value } of store.entries('mark')) {
      if (!key.startsWith(KEY_PREFIX)) continue;
      const decoded = decodeCanonical(value, FLOOR_BYTES_MAX);
      const sender = memberIdSchema.parse(key.slice(KEY_PREFIX.length));
      floors.set(sender, uintSchema.parse(decoded.ok ? decoded.value : undefined));
    }
    return new DurableReplayWindow(store, floors);
  }

  /**
   * Takes note of a sequence number, as {@link ReplayWindow.check} does. `fresh` is told when the
   * sender's highest number is durable; numbers that come together share one write.
   * @throws {RangeError} when `seq` is no non-negative safe integer
   * @throws {PeerStoreError} when the disk refuses: the message must not be used
   */
  async check(sender: MemberId, seq: number): Promise<ReplayVerdict> {
    const verdict = this.#window.check(sender, seq);
    this.#note(sender, seq);
    if (verdict === 'fresh') await this.#saved();
    return verdict;
  }

  #note(sender: MemberId, seq: number): void {
    const before = this.#highest.get(sender) ?? -1;
    this.#highest.delete(sender);
    this.#highest.set(sender, Math.max(before, seq));
    if (seq > before) this.#unsaved.set(sender, seq);
    if (this.#highest.size <= REPLAY_SENDERS_MAX) return;
    const [silent] = this.#highest.keys();
    if (silent === undefined) return;
    this.#highest.delete(silent);
    this.#unsaved.set(silent, undefined);
  }

  /** Also a number below the highest waits: the floor that covers it may still be on its way. */
  #saved(): Promise<void> {
    if (this.#unsaved.size === 0) return this.#writing;
    if (this.#queued === undefined) {
      this.#queued = this.#writing
        .catch(() => undefined)
        .then(() => {
          this.#queued = undefined;
          return this.#write();
        });
      this.#writing = this.#queued;
    }
    return this.#queued;
  }

  async #write(): Promise<void> {
    const batch = this.#unsaved;
    this.#unsaved = new Map();
    const writes = [...batch].map(([sender, seq]): PeerWrite => {
      const value = seq === undefined ? undefined : encodeCanonical(seq);
      return { table: 'mark', key: KEY_PREFIX + sender, value };
    });
    try {
      await this.#store.write(writes);
    } catch (error) {
      for (const [sender, seq] of batch) {
        if (!this.#unsaved.has(sender)) this.#unsaved.set(sender, seq);
      }
      throw error;
    }
  }
}
