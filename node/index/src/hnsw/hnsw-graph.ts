import type { Components } from '../codec/codec.ts';
import { IndexError } from '../index-error.ts';
import { INDEX_LIMITS } from '../index-limits.ts';
import { arrangeOnBatch } from '../memory/arrange-table.ts';
import type { IndexMemory } from '../memory/index-memory.ts';
import { baseDegreeMaxOf, upperBlocksFor } from '../memory/memory-layout.ts';
import { DEAD_COUNT, SLOT_MASK } from '../memory/memory-map.ts';
import { trainOnBatch } from '../memory/train-table.ts';
import { VectorTable } from '../memory/vector-table.ts';
import { SeededRandom } from '../seeded-random.ts';
import type { HnswOptions } from './hnsw-options.ts';
import { ReaderEpochs } from './reader-epochs.ts';
import { UpperBlocks } from './upper-blocks.ts';

/** Slots that a delete sweeps, so that no delete waits for a whole sweep. */
const SLOTS_PER_DELETE = 64;

/** A sweep on its way: the next slot, and how many dead slots and runs of blocks it will free. */
interface Sweep {
  readonly next: number;
  readonly slots: number;
  readonly runs: number;
}

/**
 * A hierarchical navigable small world: rows, layers of links, entry point. The kernel links and
 * unlinks; this side names slots, draws levels and hands out memory.
 *
 * Invariant: a slot on layer ℓ is on every layer below; the entry slot is on the highest layer.
 * Invariant: every edge of the spanning tree is a pair of links on the base layer, one each way;
 * therefore every live slot is reachable from every other.
 * Invariant: links lead to live slots, or to dead ones until the next sweep.
 */
export class HnswGraph {
  readonly options: HnswOptions;
  readonly table: VectorTable;
  readonly upperBlocks = new UpperBlocks();
  /** Searches that other threads run. */
  readonly readers = new ReaderEpochs();
  random: SeededRandom;
  #sweeping: Sweep | undefined;
  #isBuilding = false;
  #damage: unknown;
  /** Upper blocks of dead slots: first block and number. */
  #deadRuns: [start: number, length: number][] = [];
  /** Distances computed by inserts, deletes and sweeps since the index was made. */
  upkeepDistances = 0;

  constructor(options: HnswOptions, capacity?: number) {
    this.options = options;
    this.table = new VectorTable({ ...options, ...(capacity === undefined ? {} : { capacity }) });
    this.random = new SeededRandom(options.seed);
  }

  get memory(): IndexMemory {
    return this.table.memory;
  }

  /** The slot that searches start from; -1 in an empty graph. */
  get entrySlot(): number {
    const { entry } = this.memory;
    return entry < 0 ? -1 : entry & SLOT_MASK;
  }

  /** Number of layers, the base layer included. */
  get layerCount(): number {
    const { entry } = this.memory;
    return entry < 0 ? 0 : (entry >> 24) + 1;
  }

  /**
   * Refuses writes while workers build, and for good after one of them died at it.
   *
   * @throws IndexError `index-busy`, `worker-failed`
   */
  requireWritable(): void {
    if (this.#isBuilding) {
      throw new IndexError('index-busy', 'a parallel build is running; wait for it to end');
    }
    if (this.#damage === undefined) return;
    throw new IndexError(
      'worker-failed',
      'a worker thread ended while it linked rows, so links may be missing; open the index anew ' +
        'from its file, or build it anew',
      { cause: this.#damage },
    );
  }

  /** Refuses writes until what is returned is called. */
  beginBuild(): () => void {
    this.requireWritable();
    this.#isBuilding = true;
    return () => {
      this.#isBuilding = false;
    };
  }

  /** Refuses writes from now on. */
  noteDamage(cause: unknown): void {
    this.#damage = cause;
  }

  /** Lets the table learn from a checked batch before it is inserted. */
  learnFrom(vectors: Components): void {
    trainOnBatch(this.table, vectors);
    if (!this.readers.hasReaders) arrangeOnBatch(this.table, vectors);
  }

  /** Inserts a row, in place of the one that its id named. */
  replace(id: string, source: Components, sourceStart: number): void {
    this.requireWritable();
    const slot = this.table.slotOf(id);
    if (slot !== undefined) this.remove(slot);
    this.insert(id, source, sourceStart);
  }

  /** Inserts a row under an id that is not in the graph. */
  insert(id: string, source: Components, sourceStart: number): void {
    const [slot, level] = this.place(id, source, sourceStart);
    this.link(slot, level);
  }

  /** Writes a row and draws its level; the row is not in the graph yet. */
  place(id: string, source: Components, sourceStart: number): [slot: number, level: number] {
    const slot = this.#takeSlot();
    this.table.writeSlot(slot, id, source, sourceStart);
    return [slot, this.#takeLevel(slot)];
  }

  /** Links a placed row into the graph. */
  link(slot: number, level: number): void {
    this.#count(() => this.memory.kernel.insert(slot, level));
  }

  /** Takes placed rows back that were never linked. */
  withdraw(rows: readonly { readonly slot: number; readonly level: number }[]): void {
    for (const { level, slot } of rows) {
      if (level > 0) this.upperBlocks.give(this.memory.upperOffsets[slot] as number, level);
    }
    this.table.withdraw(rows.map(({ slot }) => slot));
  }

  remove(slot: number): void {
    this.requireWritable();
    const layers = this.memory.layerCounts[slot] as number;
    const offset = this.memory.upperOffsets[slot] as number;
    this.#count(() => this.memory.kernel.remove(slot));
    if (layers > 1) this.#deadRuns.push([offset, layers - 1]);
    this.table.bury(slot);
    if (this.#sweeping === undefined && this.table.isSweepDue) this.#sweeping = this.#allDead();
    if (this.#sweeping !== undefined) this.#sweepOn(SLOTS_PER_DELETE);
  }

  /**
   * Drops all links to dead slots and lets those be used again, as soon as no search of another
   * thread may still look at them; returns the number of links.
   */
  sweep(): number {
    this.requireWritable();
    if (this.table.deadSlots.length === 0) return 0;
    this.#sweeping = this.#allDead();
    return this.#sweepOn(this.table.slotCount);
  }

  /** Selects the links of a slot anew by a beam search of its own. */
  relink(slot: number): void {
    this.requireWritable();
    this.#count(() => this.memory.kernel.relink(slot));
  }

  degreeOf(level: number, slot: number): number {
    const { degrees, upper } = this.memory;
    if (level === 0) return degrees[slot] as number;
    return (upper[this.#blockOf(level, slot)] as number) & 0xffff;
  }

  /** Whether one slot links to another on the base layer. */
  linksTo(from: number, to: number): boolean {
    const { degrees, links } = this.memory;
    const start = from * baseDegreeMaxOf(this.options.m);
    const end = start + (degrees[from] as number);
    for (let at = start; at < end; at++) if (links[at] === to) return true;
    return false;
  }

  /** How many of the first links of a slot on a layer are known to be diverse. */
  diverseDegreeOf(level: number, slot: number): number {
    const { diverseDegrees, upper } = this.memory;
    if (level === 0) return diverseDegrees[slot] as number;
    return (upper[this.#blockOf(level, slot)] as number) >>> 16;
  }

  /** Puts a slot on layers 0 to `level`, for `writeLinks`; says whether there was room. */
  placeLists(slot: number, level: number): boolean {
    const offset = level > 0 ? this.upperBlocks.take(level, this.#blocksMax()) : 0;
    this.memory.upperOffsets[slot] = offset;
    this.memory.layerCounts[slot] = level + 1;
    return offset >= 0;
  }

  /** Writes the links of a slot that `placeLists` put on a layer; the first ones are diverse. */
  writeLinks(level: number, slot: number, targets: Int32Array, diverse: number): void {
    const { degrees, diverseDegrees, links, upper } = this.memory;
    if (level === 0) {
      links.set(targets, slot * baseDegreeMaxOf(this.options.m));
      degrees[slot] = targets.length;
      diverseDegrees[slot] = diverse;
    } else {
      const block = this.#blockOf(level, slot);
      upper[block] = targets.length | (diverse << 16);
      upper.set(targets, block + 1);
    }
  }

  #blockOf(level: number, slot: number): number {
    return ((this.memory.upperOffsets[slot] as number) + level - 1) * (this.options.m + 1);
  }

  #blocksMax(): number {
    return upperBlocksFor(this.memory.capacity, this.options.m);
  }

  #allDead(): Sweep {
    return { next: 0, slots: this.table.deadSlots.length, runs: this.#deadRuns.length };
  }

  /** Goes on with a sweep by so many slots; at its end what was dead at its beginning is free. */
  #sweepOn(slots: number): number {
    const { next, runs: runCount, slots: slotCount } = this.#sweeping ?? this.#allDead();
    const end = Math.min(next + slots, this.table.slotCount);
    let dropped = 0;
    this.#count(() => {
      dropped = this.memory.kernel.sweep(next, end);
    });
    this.#sweeping = { next: end, runs: runCount, slots: slotCount };
    if (end < this.table.slotCount) return dropped;
    this.#sweeping = undefined;
    const dead = this.table.takeDead(slotCount);
    const runs = this.#deadRuns.splice(0, runCount);
    this.memory.head[DEAD_COUNT] = this.table.deadSlots.length;
    this.readers.retire(() => {
      for (const [start, length] of runs) this.upperBlocks.give(start, length);
      this.table.free(dead);
    });
    return dropped;
  }

  #takeSlot(): number {
    const slot = this.table.takeSlot();
    if (slot >= 0) return slot;
    this.sweep();
    return this.table.takeSlot();
  }

  // Section 4.1: an exponential distribution with m_L = 1 / ln(M), as far as there are blocks.
  #takeLevel(slot: number): number {
    const { m } = this.options;
    const drawn = Math.floor(-Math.log(this.random.nextOpenUnit()) / Math.log(m));
    for (let level = Math.min(drawn, INDEX_LIMITS.layersMax - 1); level > 0; level--) {
      const offset = this.upperBlocks.take(level, this.#blocksMax());
      if (offset < 0) continue;
      this.memory.upperOffsets[slot] = offset;
      return level;
    }
    return 0;
  }

  #count(work: () => void): void {
    const { scratch } = this.memory;
    scratch.clearDistances();
    this.memory.look(this.table.rows.built);
    work();
    this.upkeepDistances += scratch.distances;
  }
}
