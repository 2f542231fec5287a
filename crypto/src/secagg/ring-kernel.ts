// The inner loops of masked sums: 128 bits per step in WebAssembly, because V8 does not vectorise
// typed arrays. Measured beside plain loops (`pnpm bench secagg --case kernels`): additions 1.6 times
// faster in the 32-bit ring and 6 times in the 64-bit ring, masks at the speed of their keystreams.

import { assembleRingKernel, type KernelFunction, type RingOperation } from './ring-kernel-code.ts';

/** Most bytes of each operand in one call: both fit into the level-2 cache together. */
export const KERNEL_BYTES_MAX = 1 << 16;

/** Two operands of `KERNEL_BYTES_MAX` bytes in the module's own memory, which all users share. */
export interface RingKernel {
  /** The operand that is written. */
  readonly sum: Uint8Array;
  readonly other: Uint8Array;
  /** `sum ± other` over the first `bytes`, in lanes of `ring` bits. What lies behind is spoiled. */
  run(operation: RingOperation, ring: 32 | 64, bytes: number): void;
  /** Zeroes both operands, which hold parts of masks and updates. */
  wipe(): void;
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

const { exports: functions } = new WebAssembly.Instance(
  new WebAssembly.Module(assembleRingKernel(PAGES)),
);
const memory = new Uint8Array(functions.memory.buffer);

/** Its contents do not outlive an await of the one who uses it. */
export const ringKernel: RingKernel = Object.freeze({
  sum: memory.subarray(0, KERNEL_BYTES_MAX),
  other: memory.subarray(KERNEL_BYTES_MAX),
  run(operation: RingOperation, ring: 32 | 64, bytes: number) {
    if (bytes > KERNEL_BYTES_MAX) throw new RangeError(`${bytes} bytes exceed the kernel`);
    functions[`${operation}${ring}`](0, KERNEL_BYTES_MAX, bytes);
  },
  wipe() {
    memory.fill(0);
  },
});
