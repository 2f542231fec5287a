// Payloads that members announced and the coordinator pulls: a few at once, one for each member, so
// that nobody takes every place. Further members wait their turn.

import type { Digest, MemberId, Verdict } from '@starling/shared';
import { ACCEPT, refusal } from '@starling/shared';

/** Payloads pulled at once. */
export const PULLS_MAX = 4;

interface Pull {
  readonly digest: Digest;
  readonly done: Promise<void>;
}

/** Invariant: at most one pull of each member runs or waits. */
export class Pulls {
  readonly #pulls = new Map<MemberId, Pull>();
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  /** Does `work` for a member's statement in its turn, unless the member has another one. */
  start(member: MemberId, digest: Digest, work: () => Promise<void>): Verdict {
    const known = this.#pulls.get(member);
    if (known?.digest === digest) return ACCEPT;
    if (known !== undefined) return refusal('busy', 'another payload of this member is pulled');
    const done = this.#inTurn(work).finally(() => this.#pulls.delete(member));
    this.#pulls.set(member, { digest, done });
    return ACCEPT;
  }

  async settled(): Promise<void> {
    await Promise.allSettled([...this.#pulls.values()].map(({ done }) => done));
  }

  async #inTurn(work: () => Promise<void>): Promise<void> {
    if (this.#running >= PULLS_MAX) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else {
      this.#running += 1;
    }
    try {
      await work();
    } finally {
      // The place goes to the next in line without being free in between.
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}
