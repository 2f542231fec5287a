// Points off a peer's gossip score for faults outside gossip, forgotten with time.

import type { TransportId } from '@starling/shared';

/** Points of one fault: five within the half-life and the peer is no longer heard. */
const PENALTY_POINTS = 20;
export const PENALTY_HALF_LIFE_MS = 5 * 60_000;
/** Peers whose penalties are remembered; the oldest is forgiven first. */
export const PENALISED_PEERS_MAX = 1024;

interface Penalty {
  readonly points: number;
  readonly atMs: number;
}

export class PeerPenalties {
  readonly #monotonicMs: () => number;
  readonly #penalties = new Map<TransportId, Penalty>();

  constructor(monotonicMs: () => number) {
    this.#monotonicMs = monotonicMs;
  }

  add(peer: TransportId): void {
    const points = this.of(peer) + PENALTY_POINTS;
    this.#penalties.delete(peer);
    this.#penalties.set(peer, { points, atMs: this.#monotonicMs() });
    if (this.#penalties.size <= PENALISED_PEERS_MAX) return;
    const [oldest] = this.#penalties.keys();
    if (oldest !== undefined) this.#penalties.delete(oldest);
  }

  /** Points now; 0 for a peer without faults. */
  of(peer: TransportId): number {
    const penalty = this.#penalties.get(peer);
    if (penalty === undefined) return 0;
    return penalty.points * 0.5 ** ((this.#monotonicMs() - penalty.atMs) / PENALTY_HALF_LIFE_MS);
  }
}
