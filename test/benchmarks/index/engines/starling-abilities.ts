// Members of our index that a version may have or not. What is absent is left out of the results
// and named; this is the one place that knows.

import type { HnswIndex } from '@starling/index';
import * as face from '@starling/index';

export interface Abilities {
  /** Makes room for so many rows at once. */
  reserve?(rows: number): void;
  /** Bytes by what they are for. */
  memoryUsage?(): object;
  /** Distances computed by inserts and deletes so far. */
  readonly upkeepDistances?: number;
  /** As `insertBatch`, on the workers of a pool. */
  insertBatchParallel?(
    ids: readonly string[],
    vectors: Float32Array,
    options: { readonly pool: AsyncDisposable },
  ): Promise<void>;
}

export type AbleIndex = HnswIndex & Abilities;

export const NO_PARALLEL_BUILD = 'HnswIndex has no insertBatchParallel, or there is no WorkerPool';
export const NO_UPKEEP_COUNT = 'HnswIndex has no upkeepDistances';

/** Of rows, links, ids and what keeps them; working memory of searches is not the index. */
export function indexBytes(index: AbleIndex): number | undefined {
  const usage = index.memoryUsage?.();
  if (usage === undefined) return undefined;
  return Object.entries(usage)
    .filter(([name, bytes]) => typeof bytes === 'number' && !NOT_OF_THE_INDEX.has(name))
    .reduce((sum, [, bytes]) => sum + bytes, 0);
}

/** `undefined` where builds have one thread only. */
export function openPool(index: AbleIndex, threads: number): AsyncDisposable | undefined {
  const { WorkerPool } = face as Pools;
  if (WorkerPool === undefined || index.insertBatchParallel === undefined) return undefined;
  return new WorkerPool({ threads });
}

interface Pools {
  readonly WorkerPool?: new (options: { readonly threads: number }) => AsyncDisposable;
}

/** `capacity` counts rows. */
const NOT_OF_THE_INDEX = new Set(['capacity', 'scratch']);
