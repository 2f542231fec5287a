// What is to be done until it is done: requests that nobody answered, gossip without an echo.

import { BusError, type Logger, PayloadError } from '@starling/shared';

/** True when it is done; false, or an error of the network, when it has to be tried again. */
export type Attempt = () => Promise<boolean>;

export class PendingWork {
  readonly #logger: Logger;
  readonly #signal: AbortSignal;
  readonly #attempts = new Map<string, Attempt>();

  /** @param signal once it fires, nothing is tried any more */
  constructor(logger: Logger, signal: AbortSignal) {
    this.#logger = logger;
    this.#signal = signal;
  }

  /** Tries now, and with every `retry` until it is done or was cleared. */
  async add(name: string, attempt: Attempt): Promise<void> {
    this.#attempts.set(name, attempt);
    await this.#try(name, attempt);
  }

  async retry(): Promise<void> {
    for (const [name, attempt] of [...this.#attempts]) {
      if (this.#attempts.get(name) === attempt) await this.#try(name, attempt);
    }
  }

  /** Forgets what was not done yet. */
  clear(): void {
    this.#attempts.clear();
  }

  async #try(name: string, attempt: Attempt): Promise<void> {
    if (this.#signal.aborted) return;
    try {
      const isDone = await attempt();
      if (isDone && this.#attempts.get(name) === attempt) this.#attempts.delete(name);
    } catch (error) {
      if (!(error instanceof BusError || error instanceof PayloadError)) throw error;
      this.#logger.debug('tried again later', { what: name, detail: error.message });
    }
  }
}
