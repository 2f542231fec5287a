import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type BuildInput,
  chunksOf,
  type Engine,
  Stopwatch,
  type Taken,
  vectorsOf,
} from './engine.ts';

interface UsearchIndex {
  add(keys: BigUint64Array, vectors: Float32Array, threads: number): void;
  search(query: Float32Array, k: number, threads: number): Matches;
  save(file: string): void;
  load(file: string): void;
}

interface Matches {
  readonly keys: BigUint64Array;
}

interface UsearchConfig {
  readonly dimensions: number;
  readonly metric: 'l2sq';
  readonly quantization: string;
  readonly connectivity: number;
  readonly expansion_add: number;
  readonly expansion_search: number;
}

export interface Usearch {
  readonly Index: new (config: UsearchConfig) => UsearchIndex;
}

// Without a number it starts as many threads as there are cores, for a single query too.
const THREADS = 1;

/**
 * usearch behind N-API. The width of a search is fixed when an index is made, so the built one is
 * kept as a file and loaded anew for every width; neither is timed.
 */
export class UsearchEngine implements Engine<Matches> {
  readonly #library: Usearch;
  readonly #quantization: string;
  readonly #folder = mkdtempSync(join(tmpdir(), 'starling-bench-usearch-'));
  #config: UsearchConfig | undefined;
  #index: UsearchIndex | undefined;
  #queries: readonly Float32Array[] = [];

  constructor(library: Usearch, quantization: string) {
    this.#library = library;
    this.#quantization = quantization;
    process.once('exit', () => rmSync(this.#folder, { recursive: true, force: true }));
  }

  async build(input: BuildInput): Promise<Taken> {
    this.#config = {
      dimensions: input.dimension,
      metric: 'l2sq',
      quantization: this.#quantization,
      connectivity: input.m,
      expansion_add: input.efConstruction,
      expansion_search: 1,
    };
    const index = new this.#library.Index(this.#config);
    const watch = new Stopwatch();
    for (const { first, count, vectors } of chunksOf(input)) {
      const keys = BigUint64Array.from({ length: count }, (_, row) => BigInt(first + row));
      await watch.time(() => index.add(keys, vectors, THREADS));
    }
    this.#index = index;
    index.save(this.#file);
    return watch;
  }

  prepare(queries: Uint8Array, dimension: number): void {
    this.#queries = vectorsOf(queries, dimension);
  }

  setEfSearch(efSearch: number): void {
    if (this.#config === undefined || this.#config.expansion_search === efSearch) return;
    this.#config = { ...this.#config, expansion_search: efSearch };
    this.#index = new this.#library.Index(this.#config);
    this.#index.load(this.#file);
  }

  search(query: number, k: number): Matches {
    if (this.#index === undefined) throw new Error('nothing was built');
    return this.#index.search(this.#queries[query] as Float32Array, k, THREADS);
  }

  labelsOf({ keys }: Matches): readonly number[] {
    return Array.from(keys, Number);
  }

  get #file(): string {
    return join(this.#folder, 'index.usearch');
  }
}
