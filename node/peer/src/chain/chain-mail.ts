// How the chain's driver speaks: gossip on its topic, and requests to single members. What cannot be
// said now is said again later by whoever wanted it said.

import { askChain, CHAIN_ANSWER_WITHIN_MS } from '@starling/rules';
import { BusError, type ChainAnswer, type ChainRequest, type TransportId } from '@starling/shared';
import type { ChainWorld } from './chain-world.ts';

export class ChainMail {
  readonly #world: ChainWorld;
  readonly #signal: AbortSignal;

  constructor(world: ChainWorld, signal: AbortSignal) {
    this.#world = world;
    this.#signal = signal;
  }

  /** Publishes; never rejects. */
  async publish(frame: Uint8Array): Promise<void> {
    if (this.#signal.aborted) return;
    try {
      await this.#world.bus.publish('consensus', frame);
    } catch (error) {
      if (!(error instanceof BusError)) throw error;
      const { code, message } = error;
      this.#world.logger.debug('not published', { topic: 'consensus', code, detail: message });
    }
  }

  /** A member's answer; undefined when there is none, or none that can be read. Never rejects. */
  ask(
    to: TransportId,
    request: ChainRequest,
    withinMs = CHAIN_ANSWER_WITHIN_MS,
  ): Promise<ChainAnswer | undefined> {
    return askChain(this.#world, to, request, { signal: this.#signal, withinMs });
  }
}
