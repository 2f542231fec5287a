import type { CheckedRows } from './check-rows.ts';
import type { SegmentEntry } from './manifest.ts';
import { MetadataTable } from './metadata-table.ts';
import type { Metadata } from './row-metadata.ts';
import type { SegmentIndex } from './segment-index.ts';

/** What changed in a segment since its index file was written. */
interface Changes {
  isGrown: boolean;
  deletedIds: Set<string>;
}

/**
 * One index, the metadata of its rows by slot, and how far its files lag behind.
 *
 * Invariant: the files of `#entry` plus `#changes` are the segment as it is in memory.
 */
export class Segment {
  readonly index: SegmentIndex;
  readonly metadata = new MetadataTable();
  #entry: SegmentEntry | undefined;
  #changes: Changes = { isGrown: false, deletedIds: new Set() };
  /** The changes that a save under way is writing; they come back when it fails. */
  #saving: Changes | undefined;
  #deletedStored = 0;

  /** @param entry - where it is stored; left out for a new one */
  constructor(index: SegmentIndex, entry?: SegmentEntry) {
    this.index = index;
    this.#entry = entry;
  }

  get size(): number {
    return this.index.size;
  }

  get entry(): SegmentEntry | undefined {
    return this.#entry;
  }

  /** Ids that the files still hold and the segment no more. */
  get deletedIds(): ReadonlySet<string> {
    return this.#changes.deletedIds;
  }

  /** Whether rows came in since the index file was written. */
  get isGrown(): boolean {
    return this.#changes.isGrown;
  }

  /** Whether rows went since the files were written. */
  get isShrunk(): boolean {
    return this.#changes.deletedIds.size !== this.#deletedStored;
  }

  /** Takes rows in, all or none; replaces those that it holds. */
  insert(rows: CheckedRows): void {
    const { ids, metadata, vectors } = rows;
    const replaced = ids.filter((id) => this.index.has(id));
    const formerSlots = replaced.map((id) => this.index.slotOf(id));
    this.index.insertBatch(ids, vectors);
    for (const slot of formerSlots) if (slot !== undefined) this.metadata.set(slot, undefined);
    for (const id of replaced) this.#changes.deletedIds.add(id);
    for (const [row, id] of ids.entries()) this.restoreMetadata(id, metadata?.[row]);
    this.#changes.isGrown = true;
  }

  delete(id: string): boolean {
    const slot = this.index.slotOf(id);
    if (slot === undefined) return false;
    this.metadata.set(slot, undefined);
    this.#changes.deletedIds.add(id);
    return this.index.delete(id);
  }

  metadataOf(id: string): Metadata | undefined {
    const slot = this.index.slotOf(id);
    return slot === undefined ? undefined : this.metadata.at(slot);
  }

  /** Sets the metadata of a live row without counting it as a change. */
  restoreMetadata(id: string, metadata: Metadata | undefined): void {
    const slot = this.index.slotOf(id);
    if (slot !== undefined) this.metadata.set(slot, metadata);
  }

  /** Applies the deletes that lie beside the index file. */
  restoreDeleted(ids: readonly string[]): void {
    for (const id of ids) this.delete(id);
    this.#deletedStored = this.#changes.deletedIds.size;
  }

  /** The rows that have metadata, as `[id, metadata]`; a copy of the references. */
  metadataRows(): [string, Metadata][] {
    const rows: [string, Metadata][] = [];
    if (this.metadata.slotCount === 0) return rows;
    for (const id of this.index.ids()) {
      const metadata = this.metadataOf(id);
      if (metadata !== undefined) rows.push([id, metadata]);
    }
    return rows;
  }

  /** From here on changes count against the files that are being written. */
  beginSave(): void {
    this.#saving = this.#changes;
    this.#changes = { isGrown: false, deletedIds: new Set() };
  }

  /** The new files, or none, hold the segment as it was when the save began. */
  endSave(entry: SegmentEntry | undefined): void {
    this.#saving = undefined;
    this.#deletedStored = 0;
    this.#entry = entry;
  }

  /** The files are still the old ones. */
  abandonSave(): void {
    if (this.#saving === undefined) return;
    const { deletedIds, isGrown } = this.#saving;
    this.#saving = undefined;
    for (const id of this.#changes.deletedIds) deletedIds.add(id);
    this.#changes = { isGrown: isGrown || this.#changes.isGrown, deletedIds };
  }

  /** A new file of deleted ids holds the first `count` of them. */
  storedDeletes(entry: SegmentEntry, count: number): void {
    this.#entry = entry;
    this.#deletedStored = count;
  }
}
