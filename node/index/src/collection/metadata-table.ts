import { ColumnTable } from '../filter/column-table.ts';
import type { ColumnSchema, RowValues } from '../filter/column-types.ts';
import type { MetadataValue, StoredMetadata } from './row-metadata.ts';

/**
 * The metadata of the rows of one segment by slot, and the columns that filters ask. Every change of
 * a row passes through `set` and `clear`.
 *
 * Invariant: the columns hold the live rows, and of each what its metadata says.
 */
export class MetadataTable {
  readonly #names: readonly string[];
  #columns: ColumnTable;
  #bySlot: (StoredMetadata | undefined)[] = [];
  /** Whether a row ever had metadata. */
  #isUsed = false;

  constructor(schema: ColumnSchema) {
    this.#names = Object.keys(schema);
    this.#columns = new ColumnTable(schema);
  }

  /** The columns of today; others after a renumbering. */
  get columns(): ColumnTable {
    return this.#columns;
  }

  /** Whether rows may have metadata. */
  get isUsed(): boolean {
    return this.#isUsed;
  }

  /** The metadata of a live slot, `undefined` when it has none. */
  at(slot: number): StoredMetadata | undefined {
    return this.#bySlot[slot];
  }

  /** A live row has this metadata, or none. */
  set(slot: number, metadata: StoredMetadata | undefined): void {
    if (metadata !== undefined || this.#bySlot[slot] !== undefined) this.#bySlot[slot] = metadata;
    if (metadata !== undefined) this.#isUsed = true;
    this.#columns.set(slot, this.#columnsOf(metadata));
  }

  /** A row is gone. */
  clear(slot: number): void {
    if (this.#bySlot[slot] !== undefined) this.#bySlot[slot] = undefined;
    this.#columns.clear(slot);
  }

  /** @param newSlots - the new slot of every old one, -1 for a row that is gone */
  remap(newSlots: Int32Array): void {
    const before = this.#bySlot;
    this.#bySlot = [];
    for (const [slot, metadata] of before.entries()) {
      const newSlot = newSlots[slot] ?? -1;
      if (metadata !== undefined && newSlot >= 0) this.#bySlot[newSlot] = metadata;
    }
    this.#columns = this.#columns.remap(newSlots);
  }

  #columnsOf(metadata: StoredMetadata | undefined): RowValues<ColumnSchema> {
    if (metadata === undefined || this.#names.length === 0) return {};
    const values: Record<string, MetadataValue> = {};
    for (const name of this.#names) {
      if (Object.hasOwn(metadata, name)) values[name] = metadata[name] ?? null;
    }
    return values;
  }
}
