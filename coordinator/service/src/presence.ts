// Who is there: the coordinator's view of its members' proved connections over time.

import type { Presence } from '@starling/rules';
import type { Clock, MemberId, Roster, TransportId } from '@starling/shared';

/** Whoever knows which peers have a proved connection. */
interface Channels {
  readonly peers: readonly TransportId[];
}

export class PresenceTracker {
  readonly #channels: Channels;
  readonly #clock: Clock;
  readonly #rosterOf: () => Roster;
  readonly #awaySinceMs = new Map<MemberId, number>();
  readonly #watchedSinceMs: number;

  constructor(channels: Channels, clock: Clock, rosterOf: () => Roster) {
    this.#channels = channels;
    this.#clock = clock;
    this.#rosterOf = rosterOf;
    this.#watchedSinceMs = clock.nowMs();
    // Nobody is connected yet.
    for (const { member } of rosterOf().members) {
      this.#awaySinceMs.set(member, this.#watchedSinceMs);
    }
  }

  /** Compares the roster with the proved connections. */
  presence(): Presence {
    const nowMs = this.#clock.nowMs();
    const connected = new Set<TransportId>(this.#channels.peers);
    const { members, revoked } = this.#rosterOf();
    for (const { member, transportId } of members) {
      if (connected.has(transportId)) this.#awaySinceMs.delete(member);
      else if (!this.#awaySinceMs.has(member)) this.#awaySinceMs.set(member, nowMs);
    }
    // An open round may still ask for one of them.
    for (const { member } of revoked) {
      if (!this.#awaySinceMs.has(member)) this.#awaySinceMs.set(member, nowMs);
    }
    return { nowMs, awaySinceMs: this.#awaySinceMs, watchedSinceMs: this.#watchedSinceMs };
  }
}
