// Other sites learn from a registration where this site listens. One that came late has not heard it,
// and direct requests between the two have no way until somebody says it again.

import type { PeerDependencies } from './dependencies.ts';
import type { SiteMembership } from './membership.ts';

/** How soon a registration is said again while a site is not connected, doubled up to the largest. */
export const SAY_AGAIN_MS = 2_000;
export const SAY_AGAIN_MAX_MS = 60_000;

export class MissingNeighbours {
  readonly #world: Pick<PeerDependencies, 'bus' | 'clock'>;
  readonly #membership: Pick<SiteMembership, 'peers'>;
  #waitMs = SAY_AGAIN_MS;
  #dueMs: number | undefined;

  constructor(
    world: Pick<PeerDependencies, 'bus' | 'clock'>,
    membership: Pick<SiteMembership, 'peers'>,
  ) {
    this.#world = world;
    this.#membership = membership;
  }

  /** True when it is time to say once more where this site listens. */
  isCallDue(): boolean {
    const { bus, clock } = this.#world;
    const connected = new Set([bus.self, ...bus.connected()]);
    const isWhole = this.#membership.peers.every(({ transportId }) => connected.has(transportId));
    if (isWhole) {
      this.#dueMs = undefined;
      this.#waitMs = SAY_AGAIN_MS;
      return false;
    }
    const nowMs = clock.monotonicMs();
    this.#dueMs ??= nowMs + this.#waitMs;
    if (nowMs < this.#dueMs) return false;
    this.#waitMs = Math.min(2 * this.#waitMs, SAY_AGAIN_MAX_MS);
    this.#dueMs = nowMs + this.#waitMs;
    return true;
  }
}
