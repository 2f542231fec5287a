import type { Metadata } from './row-metadata.ts';

/**
 * The metadata of the rows of one segment by slot. Every change of a row passes through `set`: typed
 * columns that are kept beside it are kept in step there.
 */
export class MetadataTable {
  readonly #bySlot: (Metadata | undefined)[] = [];

  /** Slots from here on have no metadata. */
  get slotCount(): number {
    return this.#bySlot.length;
  }

  /** The metadata of a live slot, `undefined` when it has none. */
  at(slot: number): Metadata | undefined {
    return this.#bySlot[slot];
  }

  /** Sets the metadata of a slot; `undefined` when its row has none or is gone. */
  set(slot: number, metadata: Metadata | undefined): void {
    if (metadata === undefined && slot >= this.#bySlot.length) return;
    this.#bySlot[slot] = metadata;
  }
}
