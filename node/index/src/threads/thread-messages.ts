// What the main thread and its workers say to each other. Lists that both sides write are on shared
// memory; their words are read and written by atomics where two may meet.

import type { CompiledKernel, LinearMemory } from '../memory/kernel.ts';
import type { LayoutShape } from '../memory/memory-layout.ts';
import type { RowView } from '../memory/row-view.ts';

/** Words of a job's `state`. */
export const NEXT = 0;
export const STOPPED = 1;

/** Link placed rows into the graph, each worker the next one that nobody took. */
export interface InsertJob {
  readonly kind: 'insert';
  readonly state: Int32Array;
  readonly slots: Int32Array;
  readonly levels: Uint8Array;
  /** The rows to compare. */
  readonly rows: RowView;
}

/** Search for queries, each worker the next one that nobody took. */
export interface SearchJob {
  readonly kind: 'search';
  readonly state: Int32Array;
  /** The rows to compare. */
  readonly rows: RowView;
  /** Prepared queries, `[count × queryBytes]`. */
  readonly queries: Uint8Array;
  readonly count: number;
  /** What the first `count` found are ranked again by, and the queries for that. */
  readonly again:
    | { readonly rows: RowView; readonly queries: Uint8Array; readonly count: number }
    | undefined;
  readonly k: number;
  readonly ef: number;
  readonly tiesMax: number;
  /** Bits of the slots that may be found; all when undefined. */
  readonly accept: Uint32Array | undefined;
  /** Found slots and their keys, `[count × k]`, nearest first. */
  readonly slots: Int32Array;
  readonly keys: Uint32Array;
  /** Found and distances per query, `[count × 2]`. */
  readonly counts: Int32Array;
}

export type ThreadJob = InsertJob | SearchJob;

/** The memory that the next jobs are about, and the worker's own scratch area in it. */
export interface AttachRequest {
  readonly kind: 'attach';
  readonly module: CompiledKernel;
  readonly memory: LinearMemory;
  readonly shape: LayoutShape;
  readonly scratch: number;
}

export type ThreadRequest = AttachRequest | ThreadJob;

/** A worker is done with a job. */
export interface ThreadReply {
  readonly distances: number;
}
