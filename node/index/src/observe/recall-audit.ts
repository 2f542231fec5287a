import { recallAtK } from '../recall.ts';
import type { SearchHit, SearchOptions } from '../vector-index.ts';
import { type ConfidenceInterval, wilsonInterval } from './confidence-interval.ts';
import type { SampledQuery } from './search-workload.ts';

/** Answers a query twice: as the index does, and truly. */
export interface RecallAuditor {
  /** As the index answers it now, with the options it was asked with. */
  search(
    query: Float32Array,
    options: SearchOptions,
  ): readonly SearchHit[] | Promise<readonly SearchHit[]>;
  /** The nearest rows by an exact scan; by a very wide beam the recall is an upper bound. */
  exact(
    query: Float32Array,
    options: SearchOptions,
  ): readonly SearchHit[] | Promise<readonly SearchHit[]>;
}

/** Recall that was measured on queries that were asked. */
export interface AuditedRecall extends ConfidenceInterval {
  readonly mean: number;
  /** The worst query. */
  readonly min: number;
  readonly queries: number;
  /** True nearest rows over all queries, and how many of them the index found. */
  readonly hits: number;
  readonly hitsFound: number;
}

/**
 * Asks sampled queries again, of the index and of the auditor, so that rows which came or went
 * since do not count as misses.
 *
 * @param queriesMax - how many of them are asked at most
 */
export async function auditRecall(
  sample: readonly SampledQuery[],
  auditor: RecallAuditor,
  queriesMax: number,
  signal?: AbortSignal,
): Promise<AuditedRecall | undefined> {
  const asked = sample.slice(-queriesMax);
  let [sum, min, hits, hitsFound] = [0, 1, 0, 0];
  for (const { query, options } of asked) {
    signal?.throwIfAborted();
    const exact = await auditor.exact(query, options);
    const recall = recallAtK(await auditor.search(query, options), exact);
    sum += recall;
    min = Math.min(min, recall);
    hits += exact.length;
    hitsFound += Math.round(recall * exact.length);
  }
  if (asked.length === 0) return undefined;
  const mean = sum / asked.length;
  const interval = wilsonInterval(mean, asked.length);
  return { mean, min, ...interval, queries: asked.length, hits, hitsFound };
}
