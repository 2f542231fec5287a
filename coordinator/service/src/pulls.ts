// Payloads that members announced and the coordinator pulls: a few at once, one for each member, so
// that nobody takes every place. A member repeats what is not acknowledged.

import type { Digest, MemberId, Verdict } from '@starling/shared';
import { ACCEPT, refusal } from '@starling/shared';

/** Payloads pulled at once; further ones get `busy` and come again. */
export const PULLS_MAX = 4;

interface Pull {
  readonly digest: Digest;
  readonly done: Promise<void>;
}

export class Pulls {
  readonly #running = new Map<MemberId, Pull>();

  /** Starts `work` for a member's statement unless its place or every place is taken. */
  start(member: MemberId, digest: Digest, work: () => Promise<void>): Verdict {
    const running = this.#running.get(member);
    if (running?.digest === digest) return ACCEPT;
    if (running !== undefined) return refusal('busy', 'another payload of this member is pulled');
    if (this.#running.size >= PULLS_MAX) return refusal('busy', 'other payloads are being pulled');
    const done = work().finally(() => this.#running.delete(member));
    this.#running.set(member, { digest, done });
    return ACCEPT;
  }

  async settled(): Promise<void> {
    await Promise.allSettled([...this.#running.values()].map(({ done }) => done));
  }
}
