// The exact index beside the generation that answers, made when somebody measures and dropped when
// nobody does any more: it holds the site's vectors a second time.

import type { SearchedSite } from '@starling/learning';
import type { Cancel, Clock, Digest } from '@starling/shared';
import type { EncoderShape } from '@starling/training';
import type { Collection } from '../collection.ts';
import type { Generation } from '../index-generations.ts';
import { searchedSite } from './searched-site.ts';

/** How long it is kept after its last use. */
export const COUNTERPART_KEPT_MS = 60_000;

interface Held {
  readonly generation: Generation;
  readonly documents: Digest;
  readonly site: Promise<SearchedSite>;
}

export class ExactCounterpart {
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  readonly #collection: Collection;
  readonly #shape: EncoderShape;
  #held: Held | undefined;
  #cancelDrop: Cancel | undefined;

  constructor(clock: Clock, signal: AbortSignal, collection: Collection, shape: EncoderShape) {
    this.#clock = clock;
    this.#signal = signal;
    this.#collection = collection;
    this.#shape = shape;
  }

  /** @param isCurrent - whether it has to know the documents that came since it was made */
  async of(generation: Generation, isCurrent: boolean): Promise<SearchedSite> {
    this.#signal.throwIfAborted();
    const documents = this.#collection.digest;
    const held = this.#held;
    const fits = held?.generation === generation && (!isCurrent || held.documents === documents);
    const site = fits ? held.site : this.#make(generation, documents);
    this.#cancelDrop?.();
    this.#cancelDrop = this.#clock.after(COUNTERPART_KEPT_MS, () => this.drop());
    return site;
  }

  drop(): void {
    this.#cancelDrop?.();
    this.#held = undefined;
  }

  #make(generation: Generation, documents: Digest): Promise<SearchedSite> {
    const turns = { clock: this.#clock, signal: this.#signal };
    const site = searchedSite(generation, this.#collection, this.#shape, turns);
    const held = { generation, documents, site };
    this.#held = held;
    site.catch(() => {
      if (this.#held === held) this.#held = undefined;
    });
    return site;
  }
}
