// Anti-replay by a sliding window over a sender's sequence numbers, as RFC 6479 does for IPsec.
// Only verified messages of members belong here, never those of applicants.

import type { MemberId } from '@starling/shared';

/** A number this far below a sender's highest one is too old to tell fresh from replayed. */
export const REPLAY_WINDOW_SEQS = 1024;
/** Senders that are remembered; the one silent longest is forgotten first. */
export const REPLAY_SENDERS_MAX = 512;

export type ReplayVerdict = 'fresh' | 'duplicate' | 'replay';

/**
 * Invariant: `seen[seq % REPLAY_WINDOW_SEQS]` is `seq` exactly when it was seen and is still inside
 * the window (highest − REPLAY_WINDOW_SEQS, highest].
 */
interface SenderWindow {
  highest: number;
  readonly seen: Float64Array;
}

export class ReplayWindow {
  readonly #windows = new Map<MemberId, SenderWindow>();

  /**
   * Takes note of a sequence number: `fresh` the first time, `duplicate` again, `replay` when it
   * lies below the window.
   * @throws {RangeError} when `seq` is no non-negative safe integer.
   */
  check(sender: MemberId, seq: number): ReplayVerdict {
    if (!Number.isSafeInteger(seq) || seq < 0) {
      throw new RangeError(`a sequence number is a non-negative integer, got ${seq}`);
    }
    const window = this.#windowOf(sender);
    if (seq <= window.highest - REPLAY_WINDOW_SEQS) return 'replay';
    const slot = seq % REPLAY_WINDOW_SEQS;
    if (window.seen[slot] === seq) return 'duplicate';
    window.seen[slot] = seq;
    window.highest = Math.max(window.highest, seq);
    return 'fresh';
  }

  /** Number of senders that are remembered. */
  get senders(): number {
    return this.#windows.size;
  }

  #windowOf(sender: MemberId): SenderWindow {
    const window = this.#windows.get(sender) ?? {
      highest: -1,
      seen: new Float64Array(REPLAY_WINDOW_SEQS).fill(-1),
    };
    this.#windows.delete(sender);
    this.#windows.set(sender, window);
    if (this.#windows.size > REPLAY_SENDERS_MAX) {
      const [silent] = this.#windows.keys();
      if (silent !== undefined) this.#windows.delete(silent);
    }
    return window;
  }
}
