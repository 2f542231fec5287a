// What matters is re-published until acknowledged, so identical frames arrive often. They are told
// by their body's digest, never by signature bytes: a signer can make many for one message.

import type { Digest, MemberId } from '@starling/shared';

/** Digests that are remembered for one sender and type; the oldest goes first. */
export const DUPLICATES_PER_KIND_MAX = 64;
/** Pairs of sender and type that are remembered; the one silent longest goes first. */
export const DUPLICATE_KINDS_MAX = 4096;

/** Invariant: a noisy sender pushes out its own digests of the same type only. */
export class DuplicateFilter {
  readonly #kinds = new Map<string, Set<Digest>>();

  /** True when this body was seen before from this sender and type; remembers it otherwise. */
  seen(sender: MemberId, type: string, bodyDigest: Digest): boolean {
    const kind = `${sender} ${type}`;
    const digests = this.#kinds.get(kind) ?? new Set<Digest>();
    this.#kinds.delete(kind);
    this.#kinds.set(kind, digests);
    dropOldest(this.#kinds, DUPLICATE_KINDS_MAX);
    if (digests.has(bodyDigest)) return true;
    digests.add(bodyDigest);
    dropOldest(digests, DUPLICATES_PER_KIND_MAX);
    return false;
  }
}

interface Ordered<K> {
  readonly size: number;
  keys(): Iterable<K>;
  delete(key: K): boolean;
}

function dropOldest<K>(collection: Ordered<K>, max: number): void {
  if (collection.size <= max) return;
  for (const oldest of collection.keys()) {
    collection.delete(oldest);
    return;
  }
}
