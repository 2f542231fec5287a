// The WebAssembly kernel, compiled from ../assembly by `pnpm install`. It holds no state but what
// `configure` says and what lies in the memory it is given.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { IndexError } from '../index-error.ts';

/** What the kernel exports; `assembly/` says what each does. Addresses are byte offsets. */
export interface Kernel {
  configure(measure: number, rowBytes: number, m: number): void;
  descend(
    entrySlot: number,
    top: number,
    level: number,
    query: number,
    tiesMax: number,
    slotCount: number,
  ): number;
  searchLayer(
    level: number,
    query: number,
    ef: number,
    tiesMax: number,
    foundCount: number,
    slotCount: number,
  ): number;
  selectNeighbours(
    level: number,
    centre: number,
    limit: number,
    keepPruned: boolean,
    poolCount: number,
  ): number;
  poolFound(foundCount: number): void;
  poolTargets(level: number, from: number): number;
  poolSlots(centre: number, count: number, poolCount: number): void;
  rankRows(query: number, first: number, count: number, keys: number): void;
  rankCodes(query: number, rows: number, count: number, keys: number): void;
  rankSlots(query: number, rows: number, slots: number, count: number, keys: number): void;
  rankCentroids(
    metric: number,
    part: number,
    dimension: number,
    centroids: number,
    count: number,
    ranks: number,
  ): void;
  leastRank(ranks: number, count: number): number;
  scanPq4Blocks(query: number, blocks: number, blockCount: number, keys: number): void;
}

/** The one memory of an index, as the runtime gives it. */
export interface LinearMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

/** Pages of 64 KiB of the largest memory that 32-bit addresses reach. */
export const MEMORY_PAGES_MAX = 65_536;

// Neither the language's library nor @types/node declares what every Node 24 has.
interface WebAssemblyRuntime {
  readonly Memory: new (limits: { initial: number; maximum: number }) => LinearMemory;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: object };
}

const { WebAssembly } = globalThis as unknown as { WebAssembly: WebAssemblyRuntime };
const KERNEL_FILE = new URL('./kernel.wasm', import.meta.url);

let compiled: object | undefined;

/**
 * A new memory and a kernel that works on it.
 *
 * @throws IndexError `missing-kernel`
 */
export function createKernel(): { readonly memory: LinearMemory; readonly kernel: Kernel } {
  compiled ??= new WebAssembly.Module(readKernel(KERNEL_FILE));
  const memory = new WebAssembly.Memory({ initial: 1, maximum: MEMORY_PAGES_MAX });
  const { exports } = new WebAssembly.Instance(compiled, { env: { memory } });
  return { memory, kernel: exports as Kernel };
}

/**
 * The compiled kernel.
 *
 * @throws IndexError `missing-kernel` with the command that builds it
 */
export function readKernel(file: URL): Uint8Array {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new IndexError(
      'missing-kernel',
      `the kernel of the index is not at ${fileURLToPath(file)}; build it with ` +
        '`npx -y pnpm@12.21.0 --filter @starling/index build`',
      { cause },
    );
  }
}
