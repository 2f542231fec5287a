import type { BatchColumns } from './batch-columns.ts';
import type { SparseRows } from './sparse-rows.ts';

/** The pairs of a site: row r of `queries` is answered by row r of `answers`. */
export interface PairRows {
  readonly queries: SparseRows;
  readonly answers: SparseRows;
}

/**
 * One batch of pairs through the encoder and back: z = x·E, u = z/|z|, InfoNCE over u, and the
 * gradient of L with respect to z, from which the table's is read bucket by bucket.
 */
export interface PairBatch {
  readonly columns: BatchColumns;
  /** ∂L/∂z of the last batch's queries, then of its answers, in the rows that `columns` names. */
  readonly gradient: Float32Array;
  /**
   * Runs examples order[start … end − 1].
   *
   * @param parameters [buckets × dimension]
   * @returns the mean loss over the batch, in nats
   */
  forward(
    parameters: Float32Array,
    order: Int32Array,
    start: number,
    end: number,
    temperature: number,
  ): number | Promise<number>;
}
