import type { Components } from '../codec/codec.ts';
import type { SearchJob } from '../threads/thread-messages.ts';
import type { WorkerPool } from '../threads/worker-pool.ts';
import type { SearchHit, SearchOptions, SearchResult } from '../vector-index.ts';
import type { HnswGraph } from './hnsw-graph.ts';

/** Prepared queries that wait at one time; a table of `pq8` takes a hundred kilobytes. */
const PREPARED_BYTES_MAX = 2 ** 26;

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
  const { dimension } = graph.options;
  const { exactQuery, query } = graph.memory.scratch;
  const queryBytes = query.length + exactQuery.length;
  const partLength = Math.max(1, Math.floor(PREPARED_BYTES_MAX / queryBytes)) * dimension;
  const results: SearchResult[] = [];
  for (let start = 0; start < queries.length; start += partLength) {
    const part = queries.subarray(start, start + partLength);
    results.push(...(await searchPart(graph, part, options)));
  }
  return results;
}

async function searchPart(
  graph: HnswGraph,
  queries: Components,
  options: SearchManyOptions,
): Promise<SearchResult[]> {
  const count = queries.length / graph.options.dimension;
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
  { accept, efSearch, k, rerank: wanted }: SearchManyOptions,
): SearchJob {
  const { memory, table } = graph;
  const rerank = table.rows.rerankOf(k, wanted);
  const prepared = preparedQueries(graph, queries, count);
  const rows = memory.rowView('exact');
  return {
    kind: 'search',
    state: new Int32Array(new SharedArrayBuffer(8)),
    rows: memory.rowView(table.rows.searched),
    queries: prepared.queries,
    again: rerank === 0 ? undefined : { rows, queries: prepared.exact, count: rerank },
    count,
    k,
    ef: Math.max(k, rerank, efSearch ?? graph.options.efSearch),
    tiesMax: table.size,
    accept: accept?.words,
    slots: new Int32Array(new SharedArrayBuffer(count * k * 4)),
    keys: new Uint32Array(new SharedArrayBuffer(count * k * 4)),
    counts: new Int32Array(new SharedArrayBuffer(count * 8)),
  };
}

function preparedQueries(graph: HnswGraph, components: Components, count: number) {
  const { dimension } = graph.options;
  const { exactQuery, query } = graph.memory.scratch;
  const queries = new Uint8Array(new SharedArrayBuffer(count * query.length));
  const exact = new Uint8Array(new SharedArrayBuffer(count * exactQuery.length));
  for (let at = 0; at < count; at++) {
    graph.table.writeQuery(components.subarray(at * dimension, (at + 1) * dimension));
    queries.set(query, at * query.length);
    exact.set(exactQuery, at * exactQuery.length);
  }
  return { queries, exact };
}

function resultOf(graph: HnswGraph, job: SearchJob, at: number): SearchResult {
  const hits: SearchHit[] = [];
  const found = job.counts[2 * at] as number;
  for (let i = at * job.k; i < at * job.k + found; i++) {
    const id = graph.table.idOf(job.slots[i] as number);
    if (id === undefined) continue;
    hits.push({ id, distance: graph.table.rows.distanceOfKey(job.keys[i] as number) });
  }
  return { hits, distanceComputations: job.counts[2 * at + 1] as number };
}
