import { attachKernel, compiledKernel, createMemory, type Kernel } from '../memory/kernel.ts';
import { HEAD_BYTES, MEASURE, ROW_BYTES, SCRATCH_HEAD_BYTES } from '../memory/memory-map.ts';

const PAGE_BYTES = 65_536;

/** A kernel on a memory of its own, for work that needs no index; nothing in it moves. */
export class KernelScratch {
  readonly kernel: Kernel;
  readonly buffer: SharedArrayBuffer;
  #end = HEAD_BYTES + SCRATCH_HEAD_BYTES;

  /**
   * @param measure - how the kernel compares rows, if it does
   * @throws IndexError `missing-kernel`
   */
  constructor(bytes: number, measure = 0, rowBytes = 0) {
    const memory = createMemory(Math.ceil((this.#end + bytes) / PAGE_BYTES));
    this.buffer = memory.buffer;
    const head = new Uint32Array(memory.buffer, 0, HEAD_BYTES / 4);
    head[MEASURE] = measure;
    head[ROW_BYTES] = rowBytes;
    this.kernel = attachKernel(compiledKernel(), memory, HEAD_BYTES);
  }

  /** Takes the next bytes, a multiple of 16, and gives their address. */
  take(bytes: number): number {
    const start = this.#end;
    this.#end += Math.ceil(bytes / 16) * 16;
    return start;
  }
}
