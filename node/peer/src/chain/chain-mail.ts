// How the chain's driver speaks: gossip on its topic, and requests to single members. What cannot be
// said now is said again later by whoever wanted it said.

import {
  BusError,
  CHAIN_ANSWER_BYTES_MAX,
  CHAIN_PROTOCOL,
  type ChainAnswer,
  type ChainRequest,
  chainAnswerSchema,
  decodeCanonical,
  encodeCanonical,
  type TransportId,
} from '@starling/shared';
import type { ChainWorld } from './chain-world.ts';

/** A request that is not answered within this is given up. */
export const CHAIN_ANSWER_WITHIN_MS = 5_000;

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
  async ask(
    to: TransportId,
    request: ChainRequest,
    withinMs = CHAIN_ANSWER_WITHIN_MS,
  ): Promise<ChainAnswer | undefined> {
    const { bus, clock, logger } = this.#world;
    const limit = new AbortController();
    const cancel = clock.after(withinMs, () => limit.abort(new Error('no answer in time')));
    try {
      const bytes = await bus.request(to, CHAIN_PROTOCOL, encodeCanonical(request), {
        answerBytesMax: CHAIN_ANSWER_BYTES_MAX,
        signal: AbortSignal.any([limit.signal, this.#signal]),
      });
      const decoded = decodeCanonical(bytes, CHAIN_ANSWER_BYTES_MAX);
      return decoded.ok ? chainAnswerSchema.safeParse(decoded.value).data : undefined;
    } catch (error) {
      if (!(error instanceof BusError)) throw error;
      logger.debug('no answer about the chain', { to, kind: request.kind, detail: error.message });
      return undefined;
    } finally {
      cancel();
    }
  }
}
