// An index of ours that changes, beside the set it was filled from: which rows live in it, and how
// well it finds them compared with an index built afresh from the same rows.

import { HnswIndex, SeededRandom } from '@starling/index';
import { chunksOf } from './engines/engine.ts';
import type { AbleIndex } from './engines/starling-abilities.ts';
import { idsOf } from './engines/starling-engine.ts';
import { exactDistances, recallOf } from './exact-neighbours.ts';
import type { VectorSet } from './vector-set.ts';

export interface Quality {
  readonly recall: number;
  /** Distance computations per query. */
  readonly distances: number;
}

const K = 10;
const M = 16;
const EF_CONSTRUCTION = 200;
const EF_SEARCH = 64;

/** Rows are named by their numbers in the set. */
export class LiveRows {
  readonly index: AbleIndex;
  readonly #set: VectorSet;
  /** In random order once `deleteSome` was called. */
  readonly #live: number[] = [];
  readonly #random: SeededRandom;

  constructor(set: VectorSet, seed: number) {
    this.#set = set;
    this.#random = new SeededRandom(seed);
    this.index = emptyIndex(set.dimension, set.rows);
  }

  get size(): number {
    return this.#live.length;
  }

  /** Inserts rows `first` to `first + count − 1` of the set. */
  insert(first: number, count: number): void {
    fill(this.index, this.#set, first, count);
    for (let row = first; row < first + count; row++) this.#live.push(row);
  }

  /** Deletes `count` live rows drawn at random. */
  deleteSome(count: number): void {
    const live = this.#live;
    for (let done = 0; done < count; done++) {
      const at = Math.floor(this.#random.nextOpenUnit() * live.length);
      const row = live[at] as number;
      live[at] = live.at(-1) as number;
      live.pop();
      this.index.delete(`${row}`);
    }
  }

  /** How well this index finds its rows, and how well one does that was built from them just now. */
  quality(): { own: Quality; fresh: Quality } {
    const rows = [...this.#live].sort((a, b) => a - b);
    const kept = keptRows(this.#set, rows);
    const exact = exactDistances(kept, K);
    const positions = new Map(rows.map((row, position) => [`${row}`, position]));
    const own = qualityOf(this.index, kept, exact, (id) => positions.get(id) ?? -1);
    const rebuilt = emptyIndex(kept.dimension, kept.rows);
    fill(rebuilt, kept, 0, kept.rows);
    return { own, fresh: qualityOf(rebuilt, kept, exact, Number) };
  }
}

function emptyIndex(dimension: number, maxElements: number): AbleIndex {
  const options = { metric: 'euclidean', vectorType: 'u8', m: M } as const;
  return new HnswIndex({ ...options, dimension, maxElements, efConstruction: EF_CONSTRUCTION });
}

function fill(
  index: HnswIndex,
  { base, dimension }: VectorSet,
  first: number,
  count: number,
): void {
  const part = base.subarray(first * dimension, (first + count) * dimension);
  for (const chunk of chunksOf({ base: part, rows: count, dimension })) {
    index.insertBatch(idsOf(first + chunk.first, chunk.count), chunk.vectors);
  }
}

function keptRows({ base, ...set }: VectorSet, rows: readonly number[]): VectorSet {
  const { dimension } = set;
  const kept = new Uint8Array(rows.length * dimension);
  for (const [position, row] of rows.entries()) {
    kept.set(base.subarray(row * dimension, (row + 1) * dimension), position * dimension);
  }
  return { ...set, rows: rows.length, base: kept };
}

function qualityOf(
  index: HnswIndex,
  set: VectorSet,
  exact: Uint32Array,
  rowOf: (id: string) => number,
): Quality {
  const { dimension, queries, queryCount } = set;
  const labels = new Int32Array(queryCount * K).fill(-1);
  let distances = 0;
  for (let query = 0; query < queryCount; query++) {
    const vector = Float32Array.from(queries.subarray(query * dimension, (query + 1) * dimension));
    const { distanceComputations, hits } = index.search(vector, { k: K, efSearch: EF_SEARCH });
    distances += distanceComputations;
    for (const [rank, { id }] of hits.entries()) labels[query * K + rank] = rowOf(id);
  }
  return { recall: recallOf(set, exact, labels), distances: distances / queryCount };
}
