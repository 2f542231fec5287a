// Keeps connections to given addresses: what drops is dialled again, with back-off. Works over any
// bus and clock.

import type { Cancel, Clock, Logger, MessageBus } from '@starling/shared';
import { NO_LOGGER } from '@starling/shared';

/** Addresses one keeper looks after. */
const KEPT_ADDRESSES_MAX = 64;

export interface ReconnectOptions {
  readonly delayFirstMs: number;
  readonly delayMaxMs: number;
  readonly delayFactor: number;
  /** One dial is given up after this. */
  readonly dialTimeoutMs: number;
  /** A connection that held this long starts the delays from the first one again. */
  readonly steadyAfterMs: number;
}

export const RECONNECT_DEFAULTS: ReconnectOptions = Object.freeze({
  delayFirstMs: 250,
  delayMaxMs: 15_000,
  delayFactor: 2,
  dialTimeoutMs: 10_000,
  steadyAfterMs: 10_000,
});

export interface KeepConnectedDependencies {
  readonly bus: MessageBus;
  readonly clock: Clock;
  readonly logger?: Logger;
}

/**
 * Dials every peer now and again whenever its connection drops, until stopped. Addresses of one peer
 * are tried in turn, and the delay grows when all of them were.
 * @param addresses each ends in `/p2p/<peer id>`
 */
export function keepConnected(
  dependencies: KeepConnectedDependencies,
  addresses: readonly string[],
  options: Partial<ReconnectOptions> = {},
): { stop(): void } {
  if (addresses.length > KEPT_ADDRESSES_MAX) {
    throw new RangeError(`at most ${KEPT_ADDRESSES_MAX} addresses are kept connected`);
  }
  const settings = checkedOptions({ ...RECONNECT_DEFAULTS, ...options });
  const targets = [...Map.groupBy(addresses, peerOf)].map(([peer, its]) => {
    return new Target(dependencies, peer, its, settings);
  });
  const unlisten = dependencies.bus.onConnectionChange(() => {
    for (const target of targets) target.look();
  });
  for (const target of targets) target.look();
  return {
    stop: () => {
      unlisten();
      for (const target of targets) target.stop();
    },
  };
}

class Target {
  readonly #bus: MessageBus;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #addresses: readonly string[];
  readonly #peer: string;
  readonly #options: ReconnectOptions;
  /** Dials so far; each is to the next address. */
  #dials = 0;
  #delayMs = 0;
  #connectedAtMs: number | undefined;
  #cancel: Cancel | undefined;
  #stopping = new AbortController();
  #isDialling = false;

  constructor(
    { bus, clock, logger }: KeepConnectedDependencies,
    peer: string,
    addresses: readonly string[],
    options: ReconnectOptions,
  ) {
    this.#bus = bus;
    this.#clock = clock;
    this.#logger = logger ?? NO_LOGGER;
    this.#addresses = addresses;
    this.#peer = peer;
    this.#options = options;
  }

  /** Compares what is with what should be, and arranges the next dial. */
  look(): void {
    if (this.#stopping.signal.aborted || this.#peer === this.#bus.self) return;
    if (this.#bus.connected().some((peer) => peer === this.#peer)) {
      this.#connectedAtMs ??= this.#clock.monotonicMs();
      return;
    }
    if (this.#connectedAtMs !== undefined) {
      const heldMs = this.#clock.monotonicMs() - this.#connectedAtMs;
      if (heldMs >= this.#options.steadyAfterMs) this.#delayMs = 0;
      this.#connectedAtMs = undefined;
    }
    if (this.#isDialling || this.#cancel !== undefined) return;
    this.#cancel = this.#clock.after(this.#delayMs, () => {
      this.#cancel = undefined;
      void this.#dial();
    });
    if (this.#dials % this.#addresses.length !== 0) return;
    this.#delayMs = nextDelay(this.#delayMs, this.#options);
  }

  stop(): void {
    this.#stopping.abort();
    this.#cancel?.();
  }

  async #dial(): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    this.#isDialling = true;
    const address = this.#addresses[this.#dials++ % this.#addresses.length] ?? '';
    const timeout = new AbortController();
    const cancel = this.#clock.after(this.#options.dialTimeoutMs, () => timeout.abort());
    try {
      await this.#bus.connect(address, AbortSignal.any([timeout.signal, this.#stopping.signal]));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#logger.debug('no connection yet', { address, reason });
    } finally {
      cancel();
      this.#isDialling = false;
    }
    this.look();
  }
}

function peerOf(address: string): string {
  return address.slice(address.lastIndexOf('/') + 1);
}

function nextDelay(delayMs: number, options: ReconnectOptions): number {
  if (delayMs === 0) return options.delayFirstMs;
  return Math.min(delayMs * options.delayFactor, options.delayMaxMs);
}

function checkedOptions(options: ReconnectOptions): ReconnectOptions {
  if (!(options.delayFirstMs > 0)) throw new RangeError('delayFirstMs > 0 is violated');
  if (!(options.delayMaxMs >= options.delayFirstMs)) {
    throw new RangeError('delayMaxMs >= delayFirstMs is violated');
  }
  if (!(options.delayFactor >= 1)) throw new RangeError('delayFactor >= 1 is violated');
  return options;
}
