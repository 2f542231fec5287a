import { rankOfKey, reportedDistance } from '../codec/distance.ts';
import type { Components } from '../memory/vector-table.ts';
import type { SearchJob } from '../threads/thread-messages.ts';
import type { WorkerPool } from '../threads/worker-pool.ts';
import type { SearchHit, SearchOptions, SearchResult } from '../vector-index.ts';
import type { HnswGraph } from './hnsw-graph.ts';

export interface SearchManyOptions extends SearchOptions {
  readonly pool: WorkerPool;
}

/**
 * Searches for checked queries on all workers of a pool. Inserts and deletes of the main thread may
 * go on meanwhile; a row that is deleted before the end is not returned.
 *
 * @param queries - `[count × dimension]`
 * @throws IndexError `worker-failed`; the signal's reason
 */
export async function searchMany(
  graph: HnswGraph,
  queries: Components,
  options: SearchManyOptions,
): Promise<SearchResult[]> {
  const count = queries.length / graph.options.dimension;
  if (count === 0) return [];
  const job = searchJob(graph, queries, count, options);
  const leave = graph.readers.enter();
  try {
    await options.pool.run(graph.memory, job, options.signal);
    options.signal?.throwIfAborted();
    return Array.from({ length: count }, (_, at) => resultOf(graph, job, at));
  } finally {
    leave();
  }
}

function searchJob(
  graph: HnswGraph,
  queries: Components,
  count: number,
  { accept, efSearch, k }: SearchManyOptions,
): SearchJob {
  return {
    kind: 'search',
    state: new Int32Array(new SharedArrayBuffer(8)),
    queries: preparedQueries(graph, queries, count),
    count,
    k,
    ef: Math.max(k, efSearch ?? graph.options.efSearch),
    tiesMax: graph.table.size,
    accept: accept?.words,
    slots: new Int32Array(new SharedArrayBuffer(count * k * 4)),
    keys: new Uint32Array(new SharedArrayBuffer(count * k * 4)),
    counts: new Int32Array(new SharedArrayBuffer(count * 8)),
  };
}

function preparedQueries(graph: HnswGraph, queries: Components, count: number): Uint8Array {
  const { dimension } = graph.options;
  const { query } = graph.memory.scratch;
  const prepared = new Uint8Array(new SharedArrayBuffer(count * query.length));
  for (let at = 0; at < count; at++) {
    graph.table.writeQuery(queries.subarray(at * dimension, (at + 1) * dimension));
    prepared.set(query, at * query.length);
  }
  return prepared;
}

function resultOf(graph: HnswGraph, job: SearchJob, at: number): SearchResult {
  const { metric, vectorType } = graph.options;
  const hits: SearchHit[] = [];
  const found = job.counts[2 * at] as number;
  for (let i = at * job.k; i < at * job.k + found; i++) {
    const id = graph.table.idOf(job.slots[i] as number);
    if (id === undefined) continue;
    const rank = rankOfKey(job.keys[i] as number, metric, vectorType);
    hits.push({ id, distance: reportedDistance(metric, rank) });
  }
  return { hits, distanceComputations: job.counts[2 * at + 1] as number };
}
