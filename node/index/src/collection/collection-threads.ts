import type { HnswIndex } from '../hnsw/hnsw-index.ts';
import type { SearchManyOptions } from '../hnsw/search-many.ts';
import { IndexError } from '../index-error.ts';
import { WorkerPool } from '../threads/worker-pool.ts';
import type { SearchResult } from '../vector-index.ts';
import type { Components } from './segment-index.ts';

/**
 * The worker threads of a collection. They begin with the first job; a pool that lost a worker is
 * left, and the next job begins another.
 */
export class CollectionThreads {
  readonly #threads: number;
  #pool: WorkerPool | undefined;
  #isBuilding = false;
  #isStopped = false;

  constructor(threads: number) {
    this.#threads = threads;
  }

  /** Whether searches need not wait for rows that are being linked. */
  get isFree(): boolean {
    return !this.#isBuilding && !this.#isStopped;
  }

  /**
   * Links new rows into a graph. They have their slots when the call returns.
   *
   * @throws IndexError as `HnswIndex.insertBatchParallel`
   */
  async insert(index: HnswIndex, ids: readonly string[], vectors: Components): Promise<void> {
    this.#isBuilding = true;
    try {
      await this.#run((pool) => index.insertBatchParallel(ids, vectors, { pool }));
    } finally {
      this.#isBuilding = false;
    }
  }

  /**
   * @param queries - `[count × dimension]`
   * @throws IndexError as `HnswIndex.searchMany`
   */
  async search(
    index: HnswIndex,
    queries: Components,
    options: Omit<SearchManyOptions, 'pool'>,
  ): Promise<SearchResult[]> {
    return this.#run((pool) => index.searchMany(queries, { ...options, pool }));
  }

  /** Ends the threads; jobs under way are refused as `worker-failed`. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#pool?.stop();
  }

  async #run<T>(job: (pool: WorkerPool) => Promise<T>): Promise<T> {
    if (this.#isStopped) {
      throw new IndexError('worker-failed', 'the threads were stopped; open the collection again');
    }
    this.#pool ??= new WorkerPool({ threads: this.#threads });
    const pool = this.#pool;
    try {
      return await job(pool);
    } catch (error) {
      const isLost = error instanceof IndexError && error.code === 'worker-failed';
      if (isLost && this.#pool === pool) {
        this.#pool = undefined;
        await pool.stop();
      }
      throw error;
    }
  }
}
