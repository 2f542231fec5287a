// Who is there: the coordinator's view of its members' proved connections over time, and who declined.

import type { Presence } from '@starling/rules';
import type { Clock, MemberId, TransportId } from '@starling/shared';
import type { Declines } from './declines.ts';
import type { FederationLog } from './federation-log.ts';

/** Whoever knows which peers have a proved connection. */
interface Channels {
  readonly peers: readonly TransportId[];
}

export class PresenceTracker {
  readonly #channels: Channels;
  readonly #clock: Clock;
  readonly #log: FederationLog;
  readonly #declines: Declines;
  readonly #awaySinceMs = new Map<MemberId, number>();
  readonly #watchedSinceMs: number;

  constructor(channels: Channels, clock: Clock, log: FederationLog, declines: Declines) {
    this.#channels = channels;
    this.#clock = clock;
    this.#log = log;
    this.#declines = declines;
    this.#watchedSinceMs = clock.nowMs();
    // Nobody is connected yet.
    for (const { member } of log.state.roster.members) {
      this.#awaySinceMs.set(member, this.#watchedSinceMs);
    }
  }

  /** Compares the roster with the proved connections. */
  presence(): Presence {
    const nowMs = this.#clock.nowMs();
    const connected = new Set<TransportId>(this.#channels.peers);
    const { members, revoked } = this.#log.state.roster;
    for (const { member, transportId } of members) {
      if (connected.has(transportId)) this.#awaySinceMs.delete(member);
      else if (!this.#awaySinceMs.has(member)) this.#awaySinceMs.set(member, nowMs);
    }
    // An open round may still ask for one of them.
    for (const { member } of revoked) {
      if (!this.#awaySinceMs.has(member)) this.#awaySinceMs.set(member, nowMs);
    }
    return {
      nowMs,
      awaySinceMs: this.#awaySinceMs,
      watchedSinceMs: this.#watchedSinceMs,
      declined: this.#declines.all,
    };
  }
}
