import type { Components } from '../codec/codec.ts';
import type { DimensionOrder } from '../codec/dimension-order.ts';
import type { RowOptions } from '../codec/row-options.ts';
import { IndexError } from '../index-error.ts';
import type { Metric, VectorType } from '../vector-index.ts';
import { IdTable } from './id-table.ts';
import { IndexMemory } from './index-memory.ts';
import { SLOT_MASK } from './memory-map.ts';
import { StoredRows } from './stored-rows.ts';

const CAPACITY_MIN = 128;
/** Spare slots: this many, or this share of all. */
const SLACK_MIN = 64;
const SLACK_SHARE = 0.05;
/** How much of the slack may be dead before a sweep begins; it ends before the rest is. */
const DEAD_SHARE = 0.6;

export interface TableOptions extends RowOptions {
  readonly maxElements: number;
  /** The M of a graph; rows have no links when left out. */
  readonly m?: number;
  readonly efConstruction?: number;
  /** Slots to make room for at once. */
  readonly capacity?: number;
}

/**
 * Rows of one dimension in the memory of an index, addressed by slot and named by id.
 *
 * Invariant: every slot below `slotCount` is named, dead or free, and exactly one of them.
 */
export class VectorTable {
  readonly dimension: number;
  readonly metric: Metric;
  readonly maxElements: number;
  readonly vectorType: VectorType;
  readonly rowBytes: number;
  readonly rows: StoredRows;
  readonly #ids: IdTable;
  #memory: IndexMemory;
  /** Descending, so the lowest is taken first. */
  #freeSlots: number[] = [];
  #deadSlots: number[] = [];

  constructor(options: TableOptions) {
    const { dimension, maxElements, metric, vectorType } = options;
    const { capacity = CAPACITY_MIN, efConstruction = 0, m = 0 } = options;
    this.metric = metric;
    this.dimension = dimension;
    this.maxElements = maxElements;
    this.vectorType = vectorType;
    this.rows = new StoredRows(options);
    this.rowBytes = this.rows.shape.rowBytes;
    this.#memory = new IndexMemory({ ...this.rows.shape, capacity, m, efConstruction });
    this.#ids = new IdTable(capacity);
  }

  /** The memory of today; another one after growth. */
  get memory(): IndexMemory {
    return this.#memory;
  }

  get size(): number {
    return this.#ids.size;
  }

  /** Slots that were ever used: live, dead and free ones. */
  get slotCount(): number {
    return this.#memory.slotCount;
  }

  get ids(): IdTable {
    return this.#ids;
  }

  get freeSlots(): readonly number[] {
    return this.#freeSlots;
  }

  get deadSlots(): readonly number[] {
    return this.#deadSlots;
  }

  /** Whether so many slots are dead that they should be swept. */
  get isSweepDue(): boolean {
    return this.#deadSlots.length >= DEAD_SHARE * slackOf(this.slotCount);
  }

  slotOf(id: string): number | undefined {
    return this.#ids.slotOf(id);
  }

  idOf(slot: number): string | undefined {
    return this.#ids.idOf(slot);
  }

  /** The stored row of a slot, `[dimension]`; a copy. Cosine keeps rows of length one. */
  vectorOf(slot: number): Float32Array {
    return this.rows.read(this.#memory, slot);
  }

  /** Stores rows in an order of their components from now on, while there are none. */
  arrange(order: DimensionOrder): void {
    this.rows.arrange(order);
    this.#memory.startBytes = order.startBytes;
  }

  /** Stores rows as another table of equal options does from now on, while there are none. */
  adopt(other: VectorTable): void {
    this.rows.adopt(other.rows);
    this.#memory.startBytes = other.memory.startBytes;
  }

  /** Writes a query to where searches take it from. */
  writeQuery(query: Components): void {
    this.rows.writeQuery(this.#memory, query);
  }

  /**
   * Makes room for a whole batch before the first row of it is written.
   *
   * @throws IndexError `limit-exceeded` when the batch would pass `maxElements` or the memory
   */
  reserveFor(ids: readonly string[]): void {
    let added = 0;
    for (const id of ids) if (this.slotOf(id) === undefined) added++;
    this.reserve(this.size + added, added);
  }

  /** Makes room for so many rows, `added` of which are new. */
  reserve(size: number, added = size - this.size): void {
    if (size > this.maxElements) {
      throw new IndexError(
        'limit-exceeded',
        `${this.size} rows and ${added} new ones violate size <= maxElements = ` +
          `${this.maxElements}; nothing was inserted, open an index with a larger maxElements`,
      );
    }
    const { capacity } = this.#memory;
    if (size + slackOf(size) <= capacity) return;
    const roomy = Math.max(size, Math.min(2 * capacity, this.maxElements));
    this.#growTo(Math.min(roomy + slackOf(roomy), SLOT_MASK), size);
  }

  /** A slot to use, neither dead nor alive; -1 when only a sweep can free one. */
  takeSlot(): number {
    const free = this.#freeSlots.pop();
    if (free !== undefined) return free;
    const { slotCount } = this;
    if (slotCount < this.#memory.capacity) {
      this.#memory.slotCount = slotCount + 1;
      return slotCount;
    }
    if (this.#deadSlots.length > 0) return -1;
    this.#growTo(Math.min(2 * slotCount, SLOT_MASK), slotCount + 1);
    return this.takeSlot();
  }

  /** Names a slot and writes its row from `source`. */
  writeSlot(slot: number, id: string, source: Components, sourceStart: number): void {
    this.rows.write(this.#memory, slot, source, sourceStart);
    this.#ids.set(slot, id);
  }

  /** Wipes a row and takes its name away; the slot is not used again before it is freed. */
  bury(slot: number): void {
    this.rows.wipe(this.#memory, slot);
    this.#ids.delete(slot);
    this.#deadSlots.push(slot);
  }

  /** The `count` slots that died first, for whoever frees them; they count as dead no longer. */
  takeDead(count: number): readonly number[] {
    return this.#deadSlots.splice(0, count);
  }

  /** Wipes the rows of slots without name and lets them be used again. */
  free(slots: readonly number[]): void {
    for (const slot of slots) this.rows.wipe(this.#memory, slot);
    const [slot] = slots;
    if (slots.length === 1 && slot !== undefined) this.#insertFree(slot);
    else this.#freeSlots = [...this.#freeSlots, ...slots].sort((a, b) => b - a);
  }

  /** Takes the names of slots away that nothing links to, and frees them. */
  withdraw(slots: readonly number[]): void {
    for (const slot of slots) this.#ids.delete(slot);
    this.free(slots);
  }

  /** After slots below `slotCount` were written from outside: those without id are free. */
  restoreFree(): void {
    this.#freeSlots = [];
    for (let slot = this.slotCount - 1; slot >= 0; slot--) {
      if (!this.#ids.has(slot)) this.#freeSlots.push(slot);
    }
  }

  #insertFree(slot: number): void {
    let [low, high] = [0, this.#freeSlots.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#freeSlots[middle] as number) > slot) low = middle + 1;
      else high = middle;
    }
    this.#freeSlots.splice(low, 0, slot);
  }

  #growTo(wanted: number, needed: number): void {
    try {
      this.#memory = this.#memory.grown(wanted);
    } catch {
      // Without spare slots it may fit, or nothing need grow at all.
      if (needed <= this.#memory.capacity) return;
      this.#memory = this.#memory.grown(needed);
    }
    this.#ids.grow(this.#memory.capacity);
  }
}

/** Spare slots, so that replacing rows of a full index needs no sweep each time. */
function slackOf(slots: number): number {
  return Math.max(SLACK_MIN, Math.ceil(slots * SLACK_SHARE));
}
