// Unknown blocks that are asked for: each a few times, not more at once than a limit, so that no
// member can make another one fetch without end.

import type { Digest } from '@starling/shared';

/** Blocks asked for at once. */
export const FETCHES_MAX = 64;
/** Times that one block is asked for. */
export const FETCH_TRIES_MAX = 5;

interface Fetch {
  tries: number;
  nextMs: number;
}

export class Fetches {
  readonly #repeatMs: number;
  readonly #wanted = new Map<Digest, Fetch>();

  constructor(repeatMs: number) {
    this.#repeatMs = repeatMs;
  }

  /** Wants a block from now on; the next `due` names it. */
  want(id: Digest, nowMs: number): void {
    if (this.#wanted.size >= FETCHES_MAX || this.#wanted.has(id)) return;
    this.#wanted.set(id, { tries: 0, nextMs: nowMs });
  }

  got(id: Digest): void {
    this.#wanted.delete(id);
  }

  /** What is to be asked for now. */
  due(nowMs: number): Digest[] {
    const due: Digest[] = [];
    for (const [id, fetch] of this.#wanted) {
      if (fetch.nextMs > nowMs) continue;
      if (fetch.tries >= FETCH_TRIES_MAX) {
        this.#wanted.delete(id);
        continue;
      }
      fetch.tries += 1;
      fetch.nextMs = nowMs + this.#repeatMs;
      due.push(id);
    }
    return due;
  }

  nextMs(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const fetch of this.#wanted.values()) next = Math.min(next, fetch.nextMs);
    return next;
  }
}
