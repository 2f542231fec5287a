// Who is there: the coordinator's view of its members' proved connections over time, when it last
// heard each of them, and who declined.

import type { Presence } from '@starling/rules';
import type { Clock, MemberId, MessageBus, TransportId } from '@starling/shared';
import type { Declines } from './declines.ts';
import type { FederationLog } from './federation-log.ts';
import type { MeasuredLinks } from './measured-links.ts';

/** Whoever knows which peers have a proved connection. */
interface Channels {
  readonly peers: readonly TransportId[];
}

export class PresenceTracker {
  readonly #channels: Channels;
  readonly #clock: Clock;
  readonly #log: FederationLog;
  readonly #declines: Declines;
  readonly #links: MeasuredLinks;
  readonly #awaySinceMs = new Map<MemberId, number>();
  /** When something last came over each member's own connection. */
  readonly #heardMs = new Map<TransportId, number>();
  readonly #watchedSinceMs: number;

  constructor(
    channels: Channels,
    clock: Clock,
    log: FederationLog,
    { declines, links }: { readonly declines: Declines; readonly links: MeasuredLinks },
  ) {
    this.#channels = channels;
    this.#clock = clock;
    this.#log = log;
    this.#declines = declines;
    this.#links = links;
    this.#watchedSinceMs = clock.nowMs();
    // Nobody is connected yet.
    for (const { member } of log.state.roster.members) {
      this.#awaySinceMs.set(member, this.#watchedSinceMs);
    }
  }

  /** Notes that a peer proved its connection or said something over it. */
  heard(from: TransportId): void {
    this.#heardMs.set(from, this.#clock.nowMs());
    this.presence();
  }

  /**
   * The bus, noting from whom something comes. An open connection alone says little: through a cut
   * network it stays open for minutes. Only for what proved members alone may use.
   */
  listening(bus: MessageBus): Pick<MessageBus, 'handle' | 'subscribe'> {
    const note = (from: TransportId) => void this.#heardMs.set(from, this.#clock.nowMs());
    return {
      handle: (protocol, handler, options) =>
        bus.handle(
          protocol,
          (bytes, from, connection) => {
            note(from);
            return handler(bytes, from, connection);
          },
          options,
        ),
      subscribe: (topic, handler) =>
        bus.subscribe(topic, (bytes, from) => {
          note(from);
          return handler(bytes, from);
        }),
    };
  }

  /** By the coordinator's clock; null when nothing was heard since the start. */
  lastContactMs(peer: TransportId): number | null {
    return this.#heardMs.get(peer) ?? null;
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
      links: this.#links.links,
    };
  }
}
