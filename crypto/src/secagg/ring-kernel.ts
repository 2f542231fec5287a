// The inner loops of masked sums: 128 bits per step in WebAssembly, because V8 does not vectorise
// typed arrays. Beside unrolled loops over typed arrays, adding a ChaCha20 keystream that is still
// in the cache, measured: 1.6 times faster in the 32-bit ring, 1.8 times in the 64-bit ring.

import { assembleRingKernel, type KernelFunction, type RingOperation } from './ring-kernel-code.ts';

/** Most bytes of each operand in one call: both fit into the level-2 cache together. */
export const KERNEL_BYTES_MAX = 1 << 16;

/** Two operands of `KERNEL_BYTES_MAX` bytes in the module's own memory. */
export interface RingKernel {
  /** The operand that is written. */
  readonly sum: Uint8Array;
  readonly other: Uint8Array;
  /** `sum ± other` over the first `bytes`, in lanes of `ring` bits. What lies behind is spoiled. */
  run(operation: RingOperation, ring: 32 | 64, bytes: number): void;
}

/** A kernel with 128 KiB of memory. Its contents do not outlive an await of its user. */
export function createRingKernel(): RingKernel {
  compiled ??= new WebAssembly.Module(assembleRingKernel(PAGES));
  const exported = new WebAssembly.Instance(compiled).exports;
  const memory = exported.memory.buffer;
  return {
    sum: new Uint8Array(memory, 0, KERNEL_BYTES_MAX),
    other: new Uint8Array(memory, KERNEL_BYTES_MAX, KERNEL_BYTES_MAX),
    run(operation, ring, bytes) {
      if (bytes > KERNEL_BYTES_MAX) throw new RangeError(`${bytes} bytes exceed the kernel`);
      exported[`${operation}${ring}`](0, KERNEL_BYTES_MAX, bytes);
    },
  };
}

const PAGES = (2 * KERNEL_BYTES_MAX) >> 16;

type KernelExports = { readonly memory: { readonly buffer: ArrayBuffer } } & Readonly<
  Record<KernelFunction, (sum: number, other: number, bytes: number) => void>
>;

/** What is used of WebAssembly; the language's library declares it for browsers only. */
interface WebAssemblyRuntime {
  Module: new (code: Uint8Array) => object;
  Instance: new (module: object) => { readonly exports: KernelExports };
}

const { WebAssembly } = globalThis as unknown as { WebAssembly: WebAssemblyRuntime };

let compiled: object | undefined;
