import {
  type BuildInput,
  chunksOf,
  type Engine,
  Stopwatch,
  type Taken,
  vectorsOf,
} from './engine.ts';

interface HierarchicalNsw {
  initIndex(maxElements: number, m: number, efConstruction: number, randomSeed: number): void;
  addPoint(point: readonly number[], label: number): void;
  searchKnn(query: readonly number[], k: number): Neighbours;
  setEf(efSearch: number): void;
}

interface Neighbours {
  readonly neighbors: readonly number[];
}

export interface HnswlibNode {
  readonly HierarchicalNSW: new (space: 'l2', dimension: number) => HierarchicalNsw;
}

const RANDOM_SEED = 100;

/** hnswlib behind N-API. Vectors must be plain arrays of numbers; making them is not timed. */
export class HnswlibNodeEngine implements Engine<Neighbours> {
  readonly #library: HnswlibNode;
  #index: HierarchicalNsw;
  #queries: readonly (readonly number[])[] = [];

  constructor(library: HnswlibNode) {
    this.#library = library;
    this.#index = new library.HierarchicalNSW('l2', 1);
  }

  async build(input: BuildInput): Promise<Taken> {
    const { dimension, efConstruction, m, rows } = input;
    const index = new this.#library.HierarchicalNSW('l2', dimension);
    this.#index = index;
    const watch = new Stopwatch();
    await watch.time(() => index.initIndex(rows, m, efConstruction, RANDOM_SEED));
    for (const { first, vectors } of chunksOf(input)) {
      const points = vectorsOf(vectors, dimension).map((vector) => Array.from(vector));
      await watch.time(() => {
        for (const [row, point] of points.entries()) index.addPoint(point, first + row);
      });
    }
    return watch;
  }

  prepare(queries: Uint8Array, dimension: number): void {
    this.#queries = vectorsOf(queries, dimension).map((vector) => Array.from(vector));
  }

  setEfSearch(efSearch: number): void {
    this.#index.setEf(efSearch);
  }

  search(query: number, k: number): Neighbours {
    return this.#index.searchKnn(this.#queries[query] as readonly number[], k);
  }

  labelsOf({ neighbors }: Neighbours): readonly number[] {
    return neighbors;
  }
}
