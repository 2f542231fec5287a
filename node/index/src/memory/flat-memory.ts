import { IndexError } from '../index-error.ts';
import { createKernel, type Kernel, type LinearMemory, MEMORY_PAGES_MAX } from './kernel.ts';
import { DIRECTORY_WORDS } from './memory-map.ts';
import { Region, type RegionArray, type RegionArrayType } from './region.ts';

const PAGE_BYTES = 65_536;
const ALIGNMENT_BYTES = 64;

interface Hole {
  readonly start: number;
  readonly end: number;
}

/**
 * The WebAssembly memory of one index, divided into regions that grow on their own. A directory at
 * its start tells the kernel where each region is.
 *
 * Invariant: regions and holes are disjoint, holes ascend, and nothing lies beyond `#end`.
 */
export class FlatMemory {
  readonly kernel: Kernel;
  readonly #memory: LinearMemory;
  readonly #regions = new Map<number, Region<RegionArray>>();
  #directory: Uint32Array;
  #holes: Hole[] = [];
  #end = aligned(DIRECTORY_WORDS * 4);

  constructor() {
    const { kernel, memory } = createKernel();
    this.kernel = kernel;
    this.#memory = memory;
    this.#directory = new Uint32Array(memory.buffer, 0, DIRECTORY_WORDS);
  }

  /** Words of the directory; counters are among them. */
  get directory(): Uint32Array {
    return this.#directory;
  }

  get buffer(): ArrayBuffer {
    return this.#memory.buffer;
  }

  /** Opens an empty region under a number of the directory, in place of the one before. */
  open<A extends RegionArray>(number: number, type: RegionArrayType<A>): Region<A> {
    const before = this.#regions.get(number);
    if (before !== undefined) this.#release(before.address, before.capacityBytes);
    const region = new Region(this, number, type);
    this.#regions.set(number, region as unknown as Region<RegionArray>);
    return region;
  }

  /** Grows a region in place when nothing follows it, else moves it; its bytes are kept. */
  resize(region: Region<RegionArray>, wantedBytes: number): void {
    const bytes = aligned(wantedBytes);
    const { address, capacityBytes } = region;
    if (capacityBytes > 0 && address + capacityBytes === this.#end) {
      this.#growTo(address + bytes);
      this.#end = address + bytes;
      region.place(address, bytes);
    } else {
      const start = this.#allocate(bytes);
      new Uint8Array(this.buffer).copyWithin(start, address, address + capacityBytes);
      region.place(start, bytes);
      this.#release(address, capacityBytes);
    }
    this.#directory[region.number] = region.address;
  }

  /**
   * Makes sure that regions can still grow by so many bytes together.
   *
   * @throws IndexError `limit-exceeded`
   */
  reserveHeadroom(bytes: number): void {
    this.#growTo(this.#end + bytes);
  }

  #allocate(bytes: number): number {
    const at = this.#holes.findIndex(({ start, end }) => end - start >= bytes);
    const hole = this.#holes[at];
    if (hole === undefined) {
      const start = this.#end;
      this.#growTo(start + bytes);
      this.#end = start + bytes;
      return start;
    }
    const rest = { start: hole.start + bytes, end: hole.end };
    this.#holes.splice(at, 1, ...(rest.start < rest.end ? [rest] : []));
    return hole.start;
  }

  #release(start: number, bytes: number): void {
    if (bytes === 0) return;
    const holes = [...this.#holes, { start, end: start + bytes }];
    holes.sort((a, b) => a.start - b.start);
    this.#holes = [];
    for (const hole of holes) {
      const last = this.#holes.at(-1);
      if (last?.end === hole.start) this.#holes.splice(-1, 1, { start: last.start, end: hole.end });
      else this.#holes.push(hole);
    }
    const tail = this.#holes.at(-1);
    if (tail?.end !== this.#end) return;
    this.#end = tail.start;
    this.#holes.pop();
  }

  #growTo(end: number): void {
    const pages = Math.ceil(end / PAGE_BYTES) - this.buffer.byteLength / PAGE_BYTES;
    if (pages <= 0) return;
    try {
      this.#memory.grow(pages);
    } catch (cause) {
      throw new IndexError(
        'limit-exceeded',
        `the index needs ${end} bytes of memory, 32-bit addresses reach ` +
          `${MEMORY_PAGES_MAX * PAGE_BYTES} and the machine must have them; ` +
          'split the rows over several indexes',
        { cause },
      );
    }
    this.#directory = new Uint32Array(this.buffer, 0, DIRECTORY_WORDS);
    for (const region of this.#regions.values()) region.refresh();
  }
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
}
