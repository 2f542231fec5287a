// The second WebAssembly module, compiled from `assembly/ivf-kernel.ts`: centroids and lists live in
// memories of their own, apart from those of graphs.

import { IndexError } from '../index-error.ts';
import { MEMORY_PAGES_MAX, readKernel } from '../memory/kernel.ts';

/** What the module exports; `assembly/` says what each does. Addresses are byte offsets. */
export interface IvfKernel {
  configure(measure: number, rowBytes: number): void;
  rankCodes(query: number, rows: number, count: number, keys: number): void;
  rankListed(query: number, rows: number, positions: number, count: number, keys: number): void;
  nearestCentroids(
    rows: number,
    rowCount: number,
    rowBytes: number,
    centroids: number,
    centroidCount: number,
    firstNumber: number,
    nearest: number,
    squares: number,
  ): void;
  nearestShort(
    rows: number,
    rowCount: number,
    rowBytes: number,
    blocks: number,
    blockCount: number,
    nearest: number,
    squares: number,
  ): void;
  squaresToNearest(
    rows: number,
    rowCount: number,
    rowBytes: number,
    centroids: number,
    nearest: number,
    squares: number,
  ): void;
}

/** Unlike that of a graph it belongs to one thread and grows in place. */
interface ListMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

// Neither the language's library nor @types/node declares what every Node 24 has.
interface WebAssemblyRuntime {
  readonly Memory: new (limits: { initial: number; maximum: number }) => ListMemory;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: object };
}

const { WebAssembly } = globalThis as unknown as { WebAssembly: WebAssemblyRuntime };
const KERNEL_FILE = new URL('./kernel.wasm', import.meta.url);
const PAGE_BYTES = 65_536;

let compiled: object | undefined;

/** A kernel and the memory that it works on; the owner lays it out. */
export class IvfMemory {
  readonly kernel: IvfKernel;
  readonly #memory: ListMemory;

  /** @throws IndexError `limit-exceeded`, `missing-kernel` */
  constructor(bytes: number) {
    compiled ??= new WebAssembly.Module(readKernel(KERNEL_FILE));
    this.#memory = new WebAssembly.Memory({ initial: 1, maximum: MEMORY_PAGES_MAX });
    const { exports } = new WebAssembly.Instance(compiled, { env: { memory: this.#memory } });
    this.kernel = exports as IvfKernel;
    this.growTo(bytes);
  }

  /** Replaced when the memory grows, so views are to be made afresh. */
  get buffer(): ArrayBuffer {
    return this.#memory.buffer;
  }

  /**
   * Makes room for so many bytes altogether; those that are there stay.
   *
   * @throws IndexError `limit-exceeded`
   */
  growTo(bytes: number): void {
    const pages = Math.ceil(bytes / PAGE_BYTES) - this.buffer.byteLength / PAGE_BYTES;
    if (pages <= 0) return;
    try {
      this.#memory.grow(pages);
    } catch (cause) {
      throw new IndexError(
        'limit-exceeded',
        `the lists need ${bytes} bytes of memory, 32-bit addresses reach ` +
          `${MEMORY_PAGES_MAX * PAGE_BYTES} and the machine must have them; ` +
          'split the rows over several indexes',
        { cause },
      );
    }
  }
}
