import type { FlatMemory } from '../memory/flat-memory.ts';
import {
  CANDIDATES,
  CHOSEN,
  DISCARDED,
  DISTANCES,
  DIVERSE_BEFORE,
  DIVERSE_NOW,
  FOUND,
  FRESH,
  MARKS,
  POOL,
  QUERY,
  RESULTS,
  SLOT_MASK,
  SLOTS,
} from '../memory/memory-map.ts';
import type { Region } from '../memory/region.ts';
import type { VectorTable } from '../memory/vector-table.ts';

/** In place of a slot: the row in `query`. */
export const QUERY_ROW = -1;

/**
 * The kernel's algorithms on one graph, with the working memory that they share. Entries are two
 * words: flags and slot, then the rank key.
 *
 * Invariant: whatever the kernel writes has room before it is called; the kernel checks nothing.
 */
export class GraphKernel {
  /** The query as rows are stored. */
  readonly query: Region<Float32Array | Uint8Array>;
  /** Entries that the last search of a layer found. */
  foundCount = 0;
  /** Entries to choose neighbours from, nearest first. */
  poolCount = 0;
  chosenCount = 0;
  readonly #memory: FlatMemory;
  readonly #table: VectorTable;
  readonly #marks: Region<Uint16Array>;
  readonly #candidates: Region<Uint32Array>;
  readonly #results: Region<Uint32Array>;
  readonly #found: Region<Uint32Array>;
  readonly #pool: Region<Uint32Array>;
  readonly #chosen: Region<Uint32Array>;
  readonly #discarded: Region<Uint32Array>;
  readonly #slots: Region<Int32Array>;

  constructor(memory: FlatMemory, table: VectorTable, degreeMax: number) {
    this.#memory = memory;
    this.#table = table;
    this.query = table.openRows(memory, QUERY);
    this.query.reserve(table.rowLength);
    this.#slots = memory.open(SLOTS, Int32Array);
    memory.open(FRESH, Int32Array).reserve(degreeMax);
    this.#results = memory.open(RESULTS, Uint32Array);
    this.#found = memory.open(FOUND, Uint32Array);
    this.#pool = memory.open(POOL, Uint32Array);
    this.#chosen = memory.open(CHOSEN, Uint32Array);
    this.#discarded = memory.open(DISCARDED, Uint32Array);
    this.#marks = memory.open(MARKS, Uint16Array);
    this.#candidates = memory.open(CANDIDATES, Uint32Array);
  }

  get distanceComputations(): number {
    return this.#memory.directory[DISTANCES] as number;
  }

  /** Starts counting anew. */
  clearDistanceComputations(): void {
    this.#memory.directory[DISTANCES] = 0;
  }

  /** Walks greedily from the entry down to, not including, `level`; leaves the nearest found. */
  descend(entrySlot: number, top: number, level: number, row: number, tiesMax: number): void {
    this.#reserve(1);
    const { slotCount } = this.#table;
    const query = this.#addressOf(row);
    const { kernel } = this.#memory;
    this.foundCount = kernel.descend(entrySlot, top, level, query, tiesMax, slotCount);
  }

  /** From what was found to the `ef` nearest on a layer, which replace it. */
  searchLayer(level: number, row: number, ef: number, tiesMax: number): void {
    this.#reserve(ef);
    const { slotCount } = this.#table;
    const query = this.#addressOf(row);
    const { foundCount } = this;
    const { kernel } = this.#memory;
    this.foundCount = kernel.searchLayer(level, query, ef, tiesMax, foundCount, slotCount);
  }

  foundSlot(position: number): number {
    return slotAt(this.#found.view, position);
  }

  foundKey(position: number): number {
    return this.#found.view[2 * position + 1] as number;
  }

  /** Fills the pool with what was found. */
  poolFound(): void {
    this.#reservePool(this.foundCount);
    this.#memory.kernel.poolFound(this.foundCount);
    this.poolCount = this.foundCount;
  }

  /** Fills the pool with every target of a slot that is on the layer. */
  poolTargets(level: number, from: number, degreeMax: number): void {
    this.#reservePool(degreeMax);
    this.poolCount = this.#memory.kernel.poolTargets(level, from);
  }

  /** Adds slots to the pool that are not in it. */
  poolSlots(centre: number, slots: readonly number[]): void {
    this.#slots.reserve(slots.length);
    this.#reservePool(this.poolCount + slots.length);
    this.#slots.view.set(slots);
    this.#memory.kernel.poolSlots(centre, slots.length, this.poolCount);
    this.poolCount += slots.length;
  }

  pooledSlots(): number[] {
    const { view } = this.#pool;
    return Array.from({ length: this.poolCount }, (_, position) => slotAt(view, position));
  }

  /** Chooses neighbours of `centre` from the pool, see the kernel. */
  selectNeighbours(level: number, centre: number, limit: number, keepPruned: boolean): void {
    const { kernel } = this.#memory;
    const { poolCount } = this;
    this.chosenCount = kernel.selectNeighbours(level, centre, limit, keepPruned, poolCount);
  }

  chosenSlots(): number[] {
    const { view } = this.#chosen;
    return Array.from({ length: this.chosenCount }, (_, position) => slotAt(view, position));
  }

  /** Whether a chosen neighbour is nearer to the centre than to those chosen before it. */
  isDiverse(position: number): boolean {
    return ((this.#chosen.view[2 * position] as number) & (DIVERSE_BEFORE | DIVERSE_NOW)) !== 0;
  }

  #addressOf(row: number): number {
    return row === QUERY_ROW ? this.query.address : this.#table.addressOf(row);
  }

  #reserve(ef: number): void {
    const { slotCount } = this.#table;
    if (this.#marks.view.length < slotCount) {
      const capacity = Math.max(slotCount, 2 * this.#marks.view.length);
      this.#marks.reserve(capacity);
      // Not `capacity`: regions are rounded up, and this one must hold whatever can be marked.
      this.#candidates.reserve(2 * this.#marks.view.length);
    }
    const results = 2 * Math.min(ef, slotCount);
    this.#results.reserve(results);
    this.#found.reserve(results);
  }

  #reservePool(count: number): void {
    if (this.#pool.view.length >= 2 * count) return;
    for (const region of [this.#pool, this.#chosen, this.#discarded]) region.reserve(4 * count);
  }
}

function slotAt(entries: Uint32Array, position: number): number {
  return (entries[2 * position] as number) & SLOT_MASK;
}
