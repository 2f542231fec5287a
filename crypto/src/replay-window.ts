// Anti-replay by a sliding window over a sender's sequence numbers, as RFC 6479 does for IPsec, but
// counted in numbers seen: senders derive numbers from their clock, so these lie far apart.
// Only verified messages of members belong here, never those of applicants.

import type { MemberId } from '@starling/shared';

/** A sender's highest numbers that are remembered; whatever lies below them all is refused. */
export const REPLAY_WINDOW_SEQS = 1024;
/** Senders that are remembered; the one silent longest is forgotten first. */
export const REPLAY_SENDERS_MAX = 512;

export type ReplayVerdict = 'fresh' | 'duplicate' | 'replay';

/**
 * Invariant: every number that was ever `fresh` is in `seen` or at most `floor`; `seen` ascends and
 * holds at most REPLAY_WINDOW_SEQS numbers, all above `floor`.
 */
interface SenderWindow {
  floor: number;
  readonly seen: number[];
}

export class ReplayWindow {
  readonly #windows = new Map<MemberId, SenderWindow>();

  /** Refuses what lies at or below these numbers, as if it had been seen. */
  constructor(floors: Iterable<readonly [MemberId, number]> = []) {
    for (const [sender, floor] of floors) this.#windowOf(sender).floor = floor;
  }

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
    if (seq <= window.floor) return 'replay';
    const at = firstNotBelow(window.seen, seq);
    if (window.seen[at] === seq) return 'duplicate';
    window.seen.splice(at, 0, seq);
    if (window.seen.length > REPLAY_WINDOW_SEQS) window.floor = window.seen.shift() ?? seq;
    return 'fresh';
  }

  /** Number of senders that are remembered. */
  get senders(): number {
    return this.#windows.size;
  }

  #windowOf(sender: MemberId): SenderWindow {
    const window = this.#windows.get(sender) ?? { floor: -1, seen: [] };
    this.#windows.delete(sender);
    this.#windows.set(sender, window);
    if (this.#windows.size > REPLAY_SENDERS_MAX) {
      const [silent] = this.#windows.keys();
      if (silent !== undefined) this.#windows.delete(silent);
    }
    return window;
  }
}

/** Index of the first number that is at least `seq`; the length when there is none. */
function firstNotBelow(ascending: readonly number[], seq: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] ?? seq) < seq) low = middle + 1;
    else high = middle;
  }
  return low;
}
