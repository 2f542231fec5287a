// The WebAssembly kernel, compiled from ../assembly by `pnpm install`. An instance works on one
// memory with one scratch area; several instances, one per thread, may work on the same memory.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { IndexError } from '../index-error.ts';

/** What the kernel exports; `assembly/` says what each does. Addresses are byte offsets. */
export interface Kernel {
  attach(scratch: number): void;
  viewRows(address: number, rowBytes: number, measure: number, startBytes: number): void;
  search(ef: number, tiesMax: number, isFiltered: boolean, tracedMax: number): number;
  scan(k: number, isFiltered: boolean): number;
  insert(slot: number, level: number): void;
  remove(slot: number): void;
  relink(slot: number): void;
  sweep(first: number, end: number): number;
  rankRows(query: number, first: number, count: number, keys: number): void;
  rerank(query: number, count: number): void;
  rankCodes(query: number, rows: number, count: number, keys: number): void;
  rankListed(query: number, rows: number, slots: number, count: number, keys: number): void;
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
  rankRowsWithin(query: number, first: number, count: number, keys: number, worst: number): void;
  rankSlots(a: number, b: number): number;
}

/** The one memory of an index, as the runtime gives it; threads share it. */
export interface LinearMemory {
  readonly buffer: SharedArrayBuffer;
  grow(pages: number): number;
}

/** A kernel that is compiled and can be sent to other threads. */
export type CompiledKernel = object;

/** Pages of 64 KiB of the largest memory that 32-bit addresses reach. */
export const MEMORY_PAGES_MAX = 65_536;

interface MemoryLimits {
  readonly initial: number;
  readonly maximum: number;
  readonly shared: true;
}

// Neither the language's library nor @types/node declares what every Node 24 has.
interface WebAssemblyRuntime {
  readonly Memory: new (limits: MemoryLimits) => LinearMemory;
  readonly Module: new (bytes: Uint8Array) => CompiledKernel;
  readonly Instance: new (module: object, imports: object) => { readonly exports: object };
}

const { WebAssembly } = globalThis as unknown as { WebAssembly: WebAssemblyRuntime };
const KERNEL_FILE = new URL('./kernel.wasm', import.meta.url);

let compiled: CompiledKernel | undefined;

/**
 * The kernel, compiled once per thread.
 *
 * @throws IndexError `missing-kernel`
 */
export function compiledKernel(): CompiledKernel {
  compiled ??= new WebAssembly.Module(readKernel(KERNEL_FILE));
  return compiled;
}

/** A zeroed memory; pages that nobody touches take no room. */
export function createMemory(pages: number): LinearMemory {
  return new WebAssembly.Memory({ initial: pages, maximum: MEMORY_PAGES_MAX, shared: true });
}

/** A kernel that works on a memory with the scratch area at an address. */
export function attachKernel(
  module: CompiledKernel,
  memory: LinearMemory,
  scratch: number,
): Kernel {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const kernel = exports as Kernel;
  kernel.attach(scratch);
  return kernel;
}

/**
 * The bytes of the compiled kernel.
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
