import { SeededRandom } from '../seeded-random.ts';
import type { SearchOptions, SearchResult } from '../vector-index.ts';

/** A query as it was asked. */
export interface SampledQuery {
  /** `[dimension]`; a copy. */
  readonly query: Float32Array;
  readonly options: SearchOptions;
}

/** What a search answers; with `expandedSlots`, whose links it followed, when it kept a trace. */
export type ObservedResult = SearchResult & { readonly expandedSlots?: Int32Array };

export interface WorkloadOptions {
  /** Seed of the sample. */
  readonly seed: number;
  /** Searches whose cost and nearest row are kept. */
  readonly windowQueries: number;
  /** Queries that are kept for an audit. */
  readonly sampleQueries: number;
}

/**
 * What was asked lately: counters, two rings and a sample of the queries. A record is O(1), copies
 * one query in `windowQueries / sampleQueries` and allocates nothing else.
 *
 * Invariant: once the sample is full, a query of age `a` searches is in it with a probability
 * proportional to exp(−a / windowQueries) (Aggarwal 2006, biased reservoir sampling).
 */
export class SearchWorkload {
  /** Searches since the beginning. */
  searches = 0;
  /** Distance computations since the beginning. */
  distances = 0;
  readonly #options: WorkloadOptions;
  readonly #random: SeededRandom;
  readonly #costs: Float64Array;
  readonly #nearestIds: (string | undefined)[] = [];
  readonly #sample: SampledQuery[] = [];
  #expansions = new Uint32Array(0);

  constructor(options: WorkloadOptions) {
    this.#options = options;
    this.#random = new SeededRandom(options.seed);
    this.#costs = new Float64Array(options.windowQueries);
  }

  /** Distance computations of each search in the window, in no promised order. */
  get costs(): Float64Array {
    return this.#costs.subarray(0, Math.min(this.searches, this.#costs.length));
  }

  /** The nearest row of each search in the window that had one. */
  get nearestIds(): string[] {
    return this.#nearestIds.filter((id) => id !== undefined);
  }

  get sample(): readonly SampledQuery[] {
    return this.#sample;
  }

  /** How often the links of each slot were followed by searches with a trace. */
  get expansions(): Uint32Array {
    return this.#expansions;
  }

  record(query: Float32Array, result: ObservedResult, options: SearchOptions): void {
    const position = this.searches % this.#options.windowQueries;
    this.#costs[position] = result.distanceComputations;
    this.#nearestIds[position] = result.hits[0]?.id;
    this.searches++;
    this.distances += result.distanceComputations;
    this.#offer(query, options);
    if (result.expandedSlots !== undefined) this.#countExpansions(result.expandedSlots);
  }

  /** Puts queries of an earlier time into the sample, as far as there is room. */
  restore(sample: readonly SampledQuery[]): void {
    const room = this.#options.sampleQueries - this.#sample.length;
    this.#sample.push(...sample.slice(0, room));
  }

  /** Forgets the queries and which rows they found; counters and costs stay. */
  forget(): void {
    this.#sample.length = 0;
    this.#nearestIds.length = 0;
  }

  #offer(query: Float32Array, options: SearchOptions): void {
    const { sampleQueries, windowQueries } = this.#options;
    const isFull = this.#sample.length >= sampleQueries;
    if (isFull && this.#random.nextOpenUnit() * windowQueries >= sampleQueries) return;
    // A kept signal would abort the audit with the search that it belonged to.
    const { signal: _, ...kept } = options;
    const sampled = { query: query.slice(), options: kept };
    if (!isFull) this.#sample.push(sampled);
    else this.#sample[this.#random.nextUint32() % sampleQueries] = sampled;
  }

  #countExpansions(slots: Int32Array): void {
    for (const slot of slots) {
      if (slot >= this.#expansions.length) {
        const larger = new Uint32Array(Math.max(slot + 1, 2 * this.#expansions.length));
        larger.set(this.#expansions);
        this.#expansions = larger;
      }
      this.#expansions[slot] = (this.#expansions[slot] as number) + 1;
    }
  }
}
