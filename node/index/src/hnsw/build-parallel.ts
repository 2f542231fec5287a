// Algorithm 1 (INSERT) by several threads: the main thread writes rows and draws levels, workers
// take rows in their order and link them under a lock per list.

import type { Components } from '../codec/codec.ts';
import { trainWhenDue } from '../memory/train-table.ts';
import { NEXT } from '../threads/thread-messages.ts';
import type { WorkerPool } from '../threads/worker-pool.ts';
import type { HnswGraph } from './hnsw-graph.ts';

/** More than any batch has. */
const ROWS_TAKEN = 2 ** 30;

export interface ParallelOptions {
  readonly pool: WorkerPool;
  readonly signal?: AbortSignal;
}

/**
 * Inserts a checked batch: new rows by the workers, then replacements one after another here. Rows
 * that are linked when it ends early stay; no row is lost that was there before.
 *
 * @throws IndexError `index-busy`, `limit-exceeded`, `worker-failed`; the signal's reason
 */
export async function buildParallel(
  graph: HnswGraph,
  ids: readonly string[],
  vectors: Components,
  { pool, signal }: ParallelOptions,
): Promise<void> {
  signal?.throwIfAborted();
  graph.table.reserveFor(ids);
  graph.requireWritable();
  graph.learnFrom(vectors);
  const { dimension } = graph.options;
  const isNew = (id: string) => graph.table.slotOf(id) === undefined;
  const replaced = [...ids.keys()].filter((row) => !isNew(ids[row] ?? ''));
  const { rows: added, done } = beginBuild(graph, ids, vectors, isNew);
  try {
    await linkAll(graph, added, pool, signal);
  } finally {
    done();
  }
  for (const row of replaced) {
    signal?.throwIfAborted();
    graph.replace(ids[row] ?? '', vectors, row * dimension);
  }
  trainWhenDue(graph.table);
}

interface PlacedRow {
  readonly slot: number;
  readonly level: number;
}

/** Writes the new rows; the first of an empty graph is linked at once, the others wait. */
function beginBuild(
  graph: HnswGraph,
  ids: readonly string[],
  vectors: Components,
  isNew: (id: string) => boolean,
): { readonly rows: readonly PlacedRow[]; readonly done: () => void } {
  graph.requireWritable();
  const rows: PlacedRow[] = [];
  for (const [row, id] of ids.entries()) {
    if (!isNew(id)) continue;
    const [slot, level] = graph.place(id, vectors, row * graph.options.dimension);
    if (graph.entrySlot < 0) graph.link(slot, level);
    else rows.push({ slot, level });
  }
  return { rows, done: graph.beginBuild() };
}

async function linkAll(
  graph: HnswGraph,
  rows: readonly PlacedRow[],
  pool: WorkerPool,
  signal: AbortSignal | undefined,
): Promise<void> {
  const state = new Int32Array(new SharedArrayBuffer(8));
  const slots = new Int32Array(new SharedArrayBuffer(rows.length * 4));
  const levels = new Uint8Array(new SharedArrayBuffer(rows.length));
  for (const [at, { level, slot }] of rows.entries()) {
    slots[at] = slot;
    levels[at] = level;
  }
  let failure: unknown;
  try {
    const view = graph.memory.rowView(graph.table.rows.built);
    const job = { kind: 'insert', state, slots, levels, rows: view } as const;
    graph.upkeepDistances += await pool.run(graph.memory, job, signal);
  } catch (error) {
    failure = error;
  }
  // Whoever still runs takes no more.
  const taken = Math.min(Atomics.exchange(state, NEXT, ROWS_TAKEN), rows.length);
  if (failure !== undefined && taken > 0) graph.noteDamage(failure);
  graph.withdraw(rows.slice(taken));
  if (failure !== undefined) throw failure;
  signal?.throwIfAborted();
}
