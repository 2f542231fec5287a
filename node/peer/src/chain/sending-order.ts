// What a member says leaves in the order in which it was written down, each only once it is on the
// disk.

import type { Logger } from '@starling/shared';

export class SendingOrder {
  readonly #logger: Logger;
  #last: Promise<void> = Promise.resolve();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Waits for its turn; what fails is not said, and the next goes on. */
  say(step: () => Promise<void>): void {
    this.#last = this.#last.then(step).catch((error: unknown) => {
      const detail = error instanceof Error ? error.message : String(error);
      this.#logger.error('a vote was not written, so it is not cast', { detail });
    });
  }
}
