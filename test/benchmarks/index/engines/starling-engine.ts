import { HnswIndex, type HnswSettings, openHnswIndex, type SearchResult } from '@starling/index';
import {
  type BuildInput,
  chunksOf,
  type Engine,
  Stopwatch,
  type Taken,
  vectorsOf,
} from './engine.ts';

import { type AbleIndex, indexBytes, NO_PARALLEL_BUILD, openPool } from './starling-abilities.ts';

export type StarlingSettings = Partial<HnswSettings>;

export class StarlingEngine implements Engine<SearchResult> {
  readonly #settings: StarlingSettings;
  #index: AbleIndex = new HnswIndex({ dimension: 1 });
  #queries: readonly Float32Array[] = [];
  #efSearch = 1;

  constructor(settings: StarlingSettings) {
    this.#settings = settings;
  }

  get index(): AbleIndex {
    return this.#index;
  }

  async build(input: BuildInput): Promise<Taken> {
    const { dimension, efConstruction, m, rows } = input;
    const shape = { dimension, metric: 'euclidean', m, efConstruction, maxElements: rows } as const;
    const index: AbleIndex = new HnswIndex({ ...shape, ...this.#settings });
    this.#index = index;
    if (input.threads > 1) return buildParallel(index, input);
    const watch = new Stopwatch();
    await watch.time(() => index.reserve?.(rows));
    for (const { first, count, vectors } of chunksOf(input)) {
      const ids = idsOf(first, count);
      await watch.time(() => index.insertBatch(ids, vectors));
    }
    return watch;
  }

  prepare(queries: Uint8Array, dimension: number): void {
    this.#queries = vectorsOf(queries, dimension);
  }

  setEfSearch(efSearch: number): void {
    this.#efSearch = efSearch;
  }

  search(query: number, k: number): SearchResult {
    const vector = this.#queries[query] as Float32Array;
    return this.#index.search(vector, { k, efSearch: this.#efSearch });
  }

  labelsOf({ hits }: SearchResult): readonly number[] {
    return hits.map(({ id }) => Number(id));
  }

  distancesOf({ distanceComputations }: SearchResult): number {
    return distanceComputations;
  }

  bytes(): number | undefined {
    return indexBytes(this.#index);
  }

  /** Seconds to write the index as a file, and to read it back in its place. */
  async saveAndOpen(folder: string): Promise<{ saveSeconds: number; openSeconds: number }> {
    const startedMs = performance.now();
    await this.#index.save(folder);
    const savedMs = performance.now();
    this.#index = await openHnswIndex(folder);
    const openedMs = performance.now();
    return {
      saveSeconds: (savedMs - startedMs) / 1_000,
      openSeconds: (openedMs - savedMs) / 1_000,
    };
  }
}

/** Rows are named by their numbers. */
export function idsOf(first: number, count: number): string[] {
  return Array.from({ length: count }, (_, row) => `${first + row}`);
}

async function buildParallel(
  index: AbleIndex,
  { base, rows, threads }: BuildInput,
): Promise<Taken> {
  await using pool = openPool(index, threads);
  if (pool === undefined) throw new Error(NO_PARALLEL_BUILD);
  const ids = idsOf(0, rows);
  const vectors = Float32Array.from(base);
  const watch = new Stopwatch();
  await watch.time(async () => {
    index.reserve?.(rows);
    await index.insertBatchParallel?.(ids, vectors, { pool });
  });
  return watch;
}
