// Who is connected: the coordinator's view of its members' connections over time.

import type { Presence } from '@starling/rules';
import type { Clock, MemberId, MessageBus, Roster, TransportId } from '@starling/shared';

export class PresenceTracker {
  readonly #bus: MessageBus;
  readonly #clock: Clock;
  readonly #rosterOf: () => Roster;
  readonly #awaySinceMs = new Map<MemberId, number>();
  readonly #watchedSinceMs: number;

  constructor(bus: MessageBus, clock: Clock, rosterOf: () => Roster) {
    this.#bus = bus;
    this.#clock = clock;
    this.#rosterOf = rosterOf;
    this.#watchedSinceMs = clock.nowMs();
    // Nobody is connected yet.
    for (const { member } of rosterOf().members) {
      this.#awaySinceMs.set(member, this.#watchedSinceMs);
    }
  }

  /** Compares the roster with the open connections. */
  presence(): Presence {
    const nowMs = this.#clock.nowMs();
    const connected = new Set<TransportId>(this.#bus.connected());
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
