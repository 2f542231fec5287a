import { checkInteger } from '../check-input.ts';
import { IndexError } from '../index-error.ts';
import type { SearchOptions } from '../vector-index.ts';
import {
  INSPECT_DEFAULTS,
  type InspectionSubject,
  type InspectOptions,
  inspectIndex,
} from './inspect-index.ts';
import type { Inspection } from './inspection.ts';
import { type InspectionMeter, publishInspection } from './publish-inspection.ts';
import { type ObservedResult, SearchWorkload, type WorkloadOptions } from './search-workload.ts';

export interface ObserverOptions extends InspectOptions, WorkloadOptions {}

export const OBSERVER_DEFAULTS: ObserverOptions = Object.freeze({
  ...INSPECT_DEFAULTS,
  windowQueries: 4_096,
  sampleQueries: 256,
});

/** Searches or sampled queries that an observer keeps at most. */
export const OBSERVED_QUERIES_MAX = 1_048_576;

/** Watches one index: takes note of its searches and, when asked, says what is wrong with it. */
export class IndexObserver {
  readonly options: ObserverOptions;
  readonly #workload: SearchWorkload;
  readonly #meter: InspectionMeter | undefined;
  #published = { searches: 0, distances: 0 };

  /**
   * @param meter - where metrics go; nowhere when left out
   * @throws IndexError `invalid-option`, `limit-exceeded`
   */
  constructor(settings: Partial<ObserverOptions> = {}, meter?: InspectionMeter) {
    this.options = checkObserverOptions(settings);
    this.#workload = new SearchWorkload(this.options);
    this.#meter = meter;
  }

  /**
   * Takes note of a search; O(1), and rarely a copy of the query.
   *
   * @param options - those of the search; an audit asks with the same
   */
  record(query: Float32Array, result: ObservedResult, options: SearchOptions): void {
    this.#workload.record(query, result, options);
  }

  /** What was recorded. */
  get workload(): SearchWorkload {
    return this.#workload;
  }

  /**
   * Looks at the graph and at the recorded searches. The graph must not change meanwhile, but
   * between two audited queries, where an auditor may give way.
   */
  async inspect(subject: InspectionSubject, signal?: AbortSignal): Promise<Inspection> {
    const inspection = await inspectIndex(subject, this.#workload, this.options, signal);
    this.publish(inspection);
    return inspection;
  }

  /** Sends an inspection of what this observer watches to its meter. */
  publish(inspection: Inspection): void {
    const meter = this.#meter;
    if (meter === undefined) return;
    const { distances, searches } = this.#workload;
    meter.count('starling_index_searches_total', searches - this.#published.searches);
    meter.count('starling_index_distances_total', distances - this.#published.distances);
    this.#published = { searches, distances };
    publishInspection(meter, inspection);
  }
}

function checkObserverOptions(settings: Partial<ObserverOptions>): ObserverOptions {
  const options = { ...OBSERVER_DEFAULTS, ...settings };
  const { recallTarget } = options;
  checkInteger('windowQueries', options.windowQueries, 1, OBSERVED_QUERIES_MAX);
  checkInteger('sampleQueries', options.sampleQueries, 1, options.windowQueries);
  checkInteger('auditQueries', options.auditQueries, 1, OBSERVED_QUERIES_MAX);
  checkInteger('seed', options.seed, 0, 0xffff_ffff);
  if (recallTarget >= 0 && recallTarget <= 1) return Object.freeze(options);
  const violated = `recallTarget = ${recallTarget} violates 0 <= recallTarget <= 1`;
  throw new IndexError('invalid-option', violated);
}
