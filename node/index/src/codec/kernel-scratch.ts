import { createKernel, type Kernel } from '../memory/kernel.ts';

const PAGE_BYTES = 65_536;
// Nothing lies at address 0, where an index keeps its directory.
const FIRST_BYTES = 64;

/** A kernel on a memory of its own, for work that needs no index; nothing in it moves. */
export class KernelScratch {
  readonly kernel: Kernel;
  readonly buffer: ArrayBuffer;
  #end = FIRST_BYTES;

  /** @throws IndexError `missing-kernel` */
  constructor(bytes: number) {
    const { kernel, memory } = createKernel();
    const pages = Math.ceil((bytes + FIRST_BYTES) / PAGE_BYTES);
    memory.grow(Math.max(0, pages - memory.buffer.byteLength / PAGE_BYTES));
    this.kernel = kernel;
    this.buffer = memory.buffer;
  }

  /** Takes the next bytes, a multiple of 16, and gives their address. */
  take(bytes: number): number {
    const start = this.#end;
    this.#end += Math.ceil(bytes / 16) * 16;
    return start;
  }
}
