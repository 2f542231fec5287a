// The naive way to choose among many: one n-ary instance fed with each poll's mode. It is here for
// comparison only, since with more than two colours it hardly ever moves.

import type { Bag, SnowInstance } from '@starling/consensus';
import type { Digest } from '@starling/shared';

export class Flat {
  readonly #instance: SnowInstance<Digest>;

  constructor(instance: SnowInstance<Digest>) {
    this.#instance = instance;
  }

  get preference(): Digest {
    return this.#instance.preference;
  }

  get finalized(): boolean {
    return this.#instance.finalized;
  }

  recordPoll(votes: Bag<Digest>): void {
    const mode = votes.mode();
    if (mode === undefined) this.#instance.recordUnsuccessfulPoll();
    else this.#instance.recordPoll(mode[1], mode[0]);
  }
}
