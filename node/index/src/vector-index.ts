// The promise that every index of this room keeps. `hnsw-index.ts` and `flat-index.ts` keep it.

/** How far apart two vectors are. `dot` is the negated inner product, so smaller is nearer. */
export const METRICS = ['cosine', 'euclidean', 'dot', 'manhattan'] as const;

export { CODEC_TYPES as VECTOR_TYPES, type CodecType as VectorType } from './codec/codec.ts';

export type Metric = (typeof METRICS)[number];

export interface SearchOptions {
  /** How many hits are wanted; fewer come back only when the index holds fewer rows. */
  readonly k: number;
  /** Width of the beam; raised to `k` when smaller. An exact index ignores it. */
  readonly efSearch?: number;
  /** R: how many rows found by their codes are ranked again by exact rows, where there are some. */
  readonly rerank?: number;
  /** Checked before the search starts; a search is one short computation and is not torn. */
  readonly signal?: AbortSignal;
  /** The only rows that may be returned; all rows when left out. */
  readonly accept?: SlotSet;
}

/** Slots of one index, as bits: slot s is bit `s & 31` of word `s >> 5`; missing words are 0. */
export interface SlotSet {
  readonly words: Uint32Array;
}

export interface SearchHit {
  readonly id: string;
  readonly distance: number;
}

export interface SearchResult {
  /** Nearest first, every id at most once. */
  readonly hits: readonly SearchHit[];
  /** How many distances were evaluated: the cost of a search that no machine load disturbs. */
  readonly distanceComputations: number;
}

/** Bytes that an index takes, by purpose, with room for `capacity` slots. */
export interface MemoryUsage {
  readonly capacity: number;
  /** Stored rows. */
  readonly codes: number;
  /** Float32 rows beside lossy codes. */
  readonly exactRows: number;
  /** What a vector type learned: codebooks, ranges, centres. */
  readonly learned: number;
  /** Room for links on all layers. */
  readonly links: number;
  /** Degrees, levels, the spanning tree, which slots are alive. */
  readonly bookkeeping: number;
  /** The tables between ids and slots, without the characters. */
  readonly ids: number;
  readonly idCharacters: number;
  /** Working memory of searches on one thread, as far as it was ever used. */
  readonly scratch: number;
}

export interface StorageOptions {
  readonly signal?: AbortSignal;
}

export interface VectorIndex {
  readonly dimension: number;
  readonly metric: Metric;
  /** Number of live rows. */
  readonly size: number;

  /**
   * Inserts rows, replacing those whose id is already present. Either every row is taken or, when
   * it throws, none.
   *
   * @param ids - one id per row, distinct within the batch
   * @param vectors - `[ids.length × dimension]`, row after row; read, never kept or changed
   * @throws IndexError `dimension-mismatch`, `non-finite`, `invalid-id`, `duplicate-id`,
   *   `limit-exceeded`
   */
  insertBatch(ids: readonly string[], vectors: Float32Array | Uint8Array): void;

  /**
   * Finds the rows nearest to `query`.
   *
   * @param query - `[dimension]`
   * @throws IndexError `dimension-mismatch`, `non-finite`, `invalid-option`, `limit-exceeded`
   */
  search(query: Float32Array | Uint8Array, options: SearchOptions): SearchResult;

  /** Removes a row and says whether it was there. */
  delete(id: string): boolean;

  has(id: string): boolean;

  /** The live ids, in no promised order. */
  ids(): IterableIterator<string>;

  /**
   * Writes the index as it is at the moment of the call. The previous file stays whole until the
   * new one is on disk. One index at a time may own a folder.
   *
   * @throws IndexError `storage-failed`
   */
  save(folder: string, options?: StorageOptions): Promise<void>;
}
