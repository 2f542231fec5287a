// A worker thread: its own instance of the kernel and its own scratch area over a shared memory.

import { parentPort } from 'node:worker_threads';
import { attachKernel, type Kernel } from '../memory/kernel.ts';
import { scratchLayout } from '../memory/memory-layout.ts';
import type { RowView } from '../memory/row-view.ts';
import { Scratch } from '../memory/scratch.ts';
import {
  type AttachRequest,
  type InsertJob,
  NEXT,
  type SearchJob,
  STOPPED,
  type ThreadReply,
  type ThreadRequest,
} from './thread-messages.ts';

interface Attached {
  readonly kernel: Kernel;
  readonly scratch: Scratch;
}

let attached: Attached | undefined;

parentPort?.on('message', (request: ThreadRequest) => {
  if (request.kind === 'attach') {
    attached = attach(request);
    return;
  }
  if (attached === undefined) throw new Error('a job came before its memory');
  const distances =
    request.kind === 'insert' ? insert(attached, request) : search(attached, request);
  parentPort?.postMessage({ distances } satisfies ThreadReply);
});

function attach({ memory, module, scratch: address, shape }: AttachRequest): Attached {
  const scratch = new Scratch(memory, scratchLayout(shape, address), address);
  return { kernel: attachKernel(module, memory, address), scratch };
}

function insert({ kernel, scratch }: Attached, job: InsertJob): number {
  const { levels, rows, slots, state } = job;
  let distances = 0;
  look(kernel, rows);
  while (Atomics.load(state, STOPPED) === 0) {
    const at = Atomics.add(state, NEXT, 1);
    if (at >= slots.length) break;
    scratch.clearDistances();
    kernel.insert(slots[at] as number, levels[at] as number);
    distances += scratch.distances;
  }
  return distances;
}

function search(attached: Attached, job: SearchJob): number {
  const { kernel, scratch } = attached;
  const { accept, count, counts, ef, k, keys, queries, slots, state, tiesMax } = job;
  const queryBytes = queries.length / count;
  let distances = 0;
  if (accept !== undefined) scratch.setAccept(accept);
  while (Atomics.load(state, STOPPED) === 0) {
    const at = Atomics.add(state, NEXT, 1);
    if (at >= count) break;
    scratch.query.set(queries.subarray(at * queryBytes, (at + 1) * queryBytes));
    scratch.clearDistances();
    look(kernel, job.rows);
    const nearest = kernel.search(ef, tiesMax, accept !== undefined, 0);
    const found = Math.min(k, rankAgain(attached, job, at, nearest));
    for (let i = 0; i < found; i++) {
      slots[at * k + i] = scratch.foundSlot(i);
      keys[at * k + i] = scratch.foundKey(i);
    }
    counts[2 * at] = found;
    counts[2 * at + 1] = scratch.distances;
    distances += scratch.distances;
  }
  return distances;
}

function rankAgain({ kernel, scratch }: Attached, job: SearchJob, at: number, found: number) {
  const { again } = job;
  if (again === undefined) return found;
  const bytes = again.queries.length / job.count;
  const count = Math.min(again.count, found);
  scratch.exactQuery.set(again.queries.subarray(at * bytes, (at + 1) * bytes));
  look(kernel, again.rows);
  kernel.rerank(scratch.exactQuery.byteOffset, count);
  return count;
}

function look(kernel: Kernel, { address, measure, rowBytes, startBytes }: RowView): void {
  kernel.viewRows(address, rowBytes, measure, startBytes);
}
