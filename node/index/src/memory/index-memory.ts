import { IndexError } from '../index-error.ts';
import {
  attachKernel,
  compiledKernel,
  createMemory,
  type Kernel,
  type LinearMemory,
  MEMORY_PAGES_MAX,
} from './kernel.ts';
import {
  baseDegreeMaxOf,
  type Layout,
  type LayoutShape,
  type Placed,
  scratchLayout,
  sharedLayout,
} from './memory-layout.ts';
import {
  ALIVE,
  BASE_DEGREE_MAX,
  CANDIDATES_MAX,
  CAPACITY,
  DEAD_COUNT,
  DEGREES,
  DIVERSE_DEGREES,
  EF_CONSTRUCTION,
  ENTRY,
  EXACT_ROWS,
  HEAD_BYTES,
  LAYER_COUNTS,
  LINKS,
  LOCKS,
  M_LINKS,
  MARKS,
  MEASURE,
  NO_ENTRY,
  PARENTS,
  ROW_BYTES,
  ROWS,
  SLOT_COUNT,
  START_BYTES,
  TREE_DEGREES,
  UPPER,
  UPPER_OFFSETS,
} from './memory-map.ts';
import type { RowKind, RowView } from './row-view.ts';
import { Scratch } from './scratch.ts';

const PAGE_BYTES = 65_536;

/** What a memory is made for. */
export interface MemoryShape extends LayoutShape {
  /** The kernel's number of the comparison. */
  readonly measure: number;
  /** The same for exact rows beside codes. */
  readonly exactMeasure: number;
  readonly efConstruction: number;
}

/**
 * The shared memory of one index, laid out once for a number of slots: nothing moves while it
 * lives. An index that outgrows it takes a larger one and copies.
 *
 * Invariant: a slot below `slotCount` is alive, dead or free; the kernel checks no slot.
 */
export class IndexMemory {
  readonly shape: MemoryShape;
  readonly memory: LinearMemory;
  readonly kernel: Kernel;
  /** The scratch area of the main thread. */
  readonly scratch: Scratch;
  readonly head: Int32Array;
  /** Stored rows, `[capacity × rowBytes]`. */
  readonly rows: Uint8Array;
  /** Float32 rows beside codes, `[capacity × exactRowBytes]`. */
  readonly exactRows: Uint8Array;
  /** Base links, `[capacity × baseDegreeMax]`. */
  readonly links: Int32Array;
  readonly degrees: Uint8Array;
  readonly diverseDegrees: Uint8Array;
  readonly layerCounts: Uint8Array;
  readonly parents: Int32Array;
  readonly treeDegrees: Uint8Array;
  readonly alive: Int32Array;
  readonly upperOffsets: Int32Array;
  /** Blocks of upper layers, `[blocks × (1 + m)]`. */
  readonly upper: Int32Array;
  readonly #shared: Layout;
  readonly #freeScratches: number[] = [];
  #endBytes: number;
  #inView: RowKind = 'codes';

  /**
   * @throws IndexError `limit-exceeded` when the machine or 32-bit addresses have no room
   */
  constructor(shape: MemoryShape) {
    this.shape = shape;
    this.#shared = sharedLayout(shape);
    const scratch = scratchLayout(shape, this.#shared.endBytes);
    this.#endBytes = scratch.endBytes;
    this.memory = allocate(scratch.endBytes);
    const { buffer } = this.memory;
    const region = (word: number) => regionOf(this.#shared, word);
    this.head = new Int32Array(buffer, 0, HEAD_BYTES / 4);
    this.rows = new Uint8Array(buffer, ...span(region(ROWS), 1));
    this.exactRows = new Uint8Array(buffer, ...span(region(EXACT_ROWS), 1));
    this.links = new Int32Array(buffer, ...span(region(LINKS), 4));
    this.degrees = new Uint8Array(buffer, ...span(region(DEGREES), 1));
    this.diverseDegrees = new Uint8Array(buffer, ...span(region(DIVERSE_DEGREES), 1));
    this.layerCounts = new Uint8Array(buffer, ...span(region(LAYER_COUNTS), 1));
    this.parents = new Int32Array(buffer, ...span(region(PARENTS), 4));
    this.treeDegrees = new Uint8Array(buffer, ...span(region(TREE_DEGREES), 1));
    this.alive = new Int32Array(buffer, ...span(region(ALIVE), 4));
    this.upperOffsets = new Int32Array(buffer, ...span(region(UPPER_OFFSETS), 4));
    this.upper = new Int32Array(buffer, ...span(region(UPPER), 4));
    this.#writeHead();
    this.scratch = new Scratch(this.memory, scratch, this.#shared.endBytes);
    this.kernel = attachKernel(compiledKernel(), this.memory, this.scratch.address);
  }

  get capacity(): number {
    return this.shape.capacity;
  }

  /** The view of rows of one kind, for a kernel of any thread. */
  rowView(kind: RowKind): RowView {
    const { exactMeasure, exactRowBytes, measure, rowBytes } = this.shape;
    if (kind === 'codes') {
      return { address: this.rows.byteOffset, rowBytes, measure, startBytes: this.startBytes };
    }
    const address = this.exactRows.byteOffset;
    return { address, rowBytes: exactRowBytes, measure: exactMeasure, startBytes: 0 };
  }

  /** Lets the kernel of the main thread compare rows of one kind from now on. */
  look(kind: RowKind): void {
    if (kind !== this.#inView) this.#view(kind);
  }

  /** Bytes of a stored row after which most are known to be too far; 0: rows are compared whole. */
  get startBytes(): number {
    return this.head[START_BYTES] as number;
  }

  set startBytes(bytes: number) {
    this.head[START_BYTES] = bytes;
    this.#view(this.#inView);
  }

  /** Slots that were ever used. */
  get slotCount(): number {
    return this.head[SLOT_COUNT] as number;
  }

  set slotCount(count: number) {
    this.head[SLOT_COUNT] = count;
  }

  /** Top layer · 2²⁴ + slot, or -1. */
  get entry(): number {
    return this.head[ENTRY] as number;
  }

  set entry(entry: number) {
    this.head[ENTRY] = entry;
  }

  isAlive(slot: number): boolean {
    return (((this.alive[slot >> 5] ?? 0) >>> (slot & 31)) & 1) === 1;
  }

  setAlive(slot: number, isAlive: boolean): void {
    const word = (this.alive[slot >> 5] as number) & ~(1 << (slot & 31));
    this.alive[slot >> 5] = isAlive ? word | (1 << (slot & 31)) : word;
  }

  /**
   * A memory for more slots that holds what this one does.
   *
   * @throws IndexError `limit-exceeded`
   */
  grown(capacity: number): IndexMemory {
    const larger = new IndexMemory({ ...this.shape, capacity });
    for (const { word, address, bytes } of this.#shared.regions) {
      if (word === LOCKS) continue;
      const to = regionOf(larger.#shared, word).address;
      // Pages of slots that were never used stay untouched in the larger memory too.
      const perSlot = bytes / this.capacity;
      const used =
        word === UPPER ? bytes : Math.min(bytes, Math.ceil(perSlot * this.slotCount) + 4);
      const source = new Uint8Array(this.memory.buffer, address, used);
      new Uint8Array(larger.memory.buffer, to, used).set(source);
    }
    for (const word of [SLOT_COUNT, ENTRY, DEAD_COUNT]) larger.head[word] = this.head[word] ?? 0;
    larger.startBytes = this.startBytes;
    return larger;
  }

  /** Room for the scratch area of another thread, behind everything; returns its address. */
  addScratch(): number {
    const free = this.#freeScratches.pop();
    if (free !== undefined) return free;
    const address = this.#endBytes;
    const { endBytes } = scratchLayout(this.shape, address);
    const pages = Math.ceil(endBytes / PAGE_BYTES) - this.memory.buffer.byteLength / PAGE_BYTES;
    if (pages > 0) growMemory(this.memory, pages, endBytes);
    this.#endBytes = endBytes;
    return address;
  }

  /** Gives a scratch area back whose thread no longer works on this memory. */
  releaseScratch(address: number): void {
    this.#freeScratches.push(address);
  }

  /** Bytes by purpose, of this memory's slots whether they are used or not. */
  bytesByPurpose(): Record<'codes' | 'exactRows' | 'links' | 'bookkeeping' | 'scratch', number> {
    const bytesOf = (word: number) => regionOf(this.#shared, word).bytes;
    const codes = bytesOf(ROWS);
    const links = bytesOf(LINKS) + bytesOf(UPPER);
    const total = this.#shared.regions.reduce((sum, { bytes }) => sum + bytes, 0);
    const exactRows = bytesOf(EXACT_ROWS);
    const bookkeeping = total - codes - exactRows - links;
    return { codes, exactRows, links, bookkeeping, scratch: this.#scratchBytes() };
  }

  #view(kind: RowKind): void {
    const { address, measure, rowBytes, startBytes } = this.rowView(kind);
    this.kernel.viewRows(address, rowBytes, measure, startBytes);
    this.#inView = kind;
  }

  // Of the heap of candidates only what was ever used is in memory.
  #scratchBytes(): number {
    const { regions } = scratchLayout(this.shape, 0);
    const touched = (this.scratch.head[CANDIDATES_MAX] ?? 0) * 8;
    return touched + regions.filter(({ word }) => word === MARKS).reduce(addBytes, 0);
  }

  #writeHead(): void {
    const { capacity, efConstruction, m, measure, rowBytes } = this.shape;
    for (const { address, word } of this.#shared.regions) this.head[word] = address;
    this.head[CAPACITY] = capacity;
    this.head[ROW_BYTES] = rowBytes;
    this.head[MEASURE] = measure;
    this.head[M_LINKS] = m;
    this.head[EF_CONSTRUCTION] = efConstruction;
    this.head[BASE_DEGREE_MAX] = baseDegreeMaxOf(m);
    this.head[ENTRY] = NO_ENTRY;
  }
}

function addBytes(sum: number, { bytes }: Placed): number {
  return sum + bytes;
}

function regionOf(layout: Layout, word: number): Placed {
  const region = layout.regions.find((each) => each.word === word);
  if (region === undefined) throw new RangeError(`no region ${word}`);
  return region;
}

function span({ address, bytes }: Placed, elementBytes: number): [number, number] {
  return [address, bytes / elementBytes];
}

function allocate(bytes: number): LinearMemory {
  const pages = Math.ceil(bytes / PAGE_BYTES);
  if (pages > MEMORY_PAGES_MAX) throw tooLarge(bytes);
  try {
    return createMemory(pages);
  } catch (cause) {
    throw tooLarge(bytes, cause);
  }
}

function growMemory(memory: LinearMemory, pages: number, bytes: number): void {
  try {
    memory.grow(pages);
  } catch (cause) {
    throw tooLarge(bytes, cause);
  }
}

function tooLarge(bytes: number, cause?: unknown): IndexError {
  return new IndexError(
    'limit-exceeded',
    `the index needs ${bytes} bytes of memory, 32-bit addresses reach ` +
      `${MEMORY_PAGES_MAX * PAGE_BYTES} and the machine must have them; ` +
      'split the rows over several indexes',
    { cause },
  );
}
