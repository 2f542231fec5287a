// One question about the chain to one member.

import {
  BusError,
  CHAIN_ANSWER_BYTES_MAX,
  CHAIN_PROTOCOL,
  type ChainAnswer,
  type ChainRequest,
  type Clock,
  chainAnswerSchema,
  decodeCanonical,
  encodeCanonical,
  type Logger,
  type MessageBus,
  type TransportId,
} from '@starling/shared';

/** A request that is not answered within this is given up. */
export const CHAIN_ANSWER_WITHIN_MS = 5_000;

export interface AskingWorld {
  readonly bus: Pick<MessageBus, 'request'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface AskOptions {
  readonly signal: AbortSignal;
  readonly withinMs?: number;
}

/** A member's answer; undefined when there is none, or none that can be read. Never rejects. */
export async function askChain(
  { bus, clock, logger }: AskingWorld,
  to: TransportId,
  request: ChainRequest,
  { signal, withinMs = CHAIN_ANSWER_WITHIN_MS }: AskOptions,
): Promise<ChainAnswer | undefined> {
  const limit = new AbortController();
  const cancel = clock.after(withinMs, () => limit.abort(new Error('no answer in time')));
  try {
    const bytes = await bus.request(to, CHAIN_PROTOCOL, encodeCanonical(request), {
      answerBytesMax: CHAIN_ANSWER_BYTES_MAX,
      signal: AbortSignal.any([limit.signal, signal]),
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
