import { scheduler } from 'node:timers/promises';
import { checkComponents, checkQuery, checkSearchOptions } from '../check-input.ts';
import { IndexError } from '../index-error.ts';
import type { SearchOptions, SearchResult } from '../vector-index.ts';
import type { CheckedRows } from './check-rows.ts';
import { COLLECTION_LIMITS } from './collection-limits.ts';
import { type CollectionOptions, segmentRows } from './collection-options.ts';
import { mergeHits } from './merge-hits.ts';
import { Segment } from './segment.ts';
import { createSegmentIndex } from './segment-index.ts';

/**
 * The segments of a collection, searched together. The last one takes new rows until it is full.
 *
 * Invariant: an id lives in at most one segment.
 */
export class SegmentSet {
  readonly #options: CollectionOptions;
  #segments: Segment[];
  #isSealed = false;

  constructor(options: CollectionOptions, segments: readonly Segment[] = []) {
    this.#options = options;
    this.#segments = [...segments];
  }

  get size(): number {
    return this.#segments.reduce((sum, segment) => sum + segment.size, 0);
  }

  get segments(): readonly Segment[] {
    return this.#segments;
  }

  /** The segment where an id lives. */
  find(id: string): Segment | undefined {
    return this.#segments.findLast((segment) => segment.index.has(id));
  }

  /** Takes checked rows in and removes what they replace; gives readers a turn in between. */
  async upsert(rows: CheckedRows): Promise<void> {
    for (let start = 0; start < rows.ids.length; ) {
      if (start > 0) await scheduler.yield();
      start = this.#insertSome(rows, start);
    }
  }

  /** Removes rows and says how many were there. */
  async delete(ids: readonly string[]): Promise<number> {
    let deleted = 0;
    for (const [i, id] of ids.entries()) {
      if (i > 0 && i % COLLECTION_LIMITS.rowsPerTurn === 0) await scheduler.yield();
      if (this.find(id)?.delete(id) === true) deleted++;
    }
    return deleted;
  }

  /** The nearest rows of all segments. */
  search(query: Float32Array, options: SearchOptions): SearchResult {
    if (this.#segments.length === 0) this.#checkSearch(query, options);
    const efSearch = options.efSearch ?? this.#options.efSearch;
    const results = this.#segments.map((segment) => {
      return segment.index.search(query, { ...options, efSearch });
    });
    const hits = mergeHits(
      results.map((result) => result.hits),
      options.k,
    );
    const distanceComputations = results.reduce((sum, each) => sum + each.distanceComputations, 0);
    return { hits, distanceComputations };
  }

  /** Puts other segments in the place of all; the last one takes new rows. */
  replace(segments: readonly Segment[]): void {
    this.#segments = [...segments];
    this.#isSealed = false;
  }

  /** Forgets segments without rows; the last one stays, for it takes new rows. */
  dropEmpty(): void {
    this.#segments = this.#segments.filter((segment, i) => {
      return segment.size > 0 || i === this.#segments.length - 1;
    });
  }

  /** Inserts rows from `start` on as far as they fit a turn and a segment; says where it stopped. */
  #insertSome(rows: CheckedRows, start: number): number {
    const segment = this.#growing();
    const room = segmentRows(this.#options) - segment.size;
    const end = Math.min(rows.ids.length, start + room, start + COLLECTION_LIMITS.rowsPerTurn);
    const part = sliceRows(rows, start, end, this.#options.dimension);
    try {
      segment.insert(part);
    } catch (error) {
      // Its memory is smaller than its rows: it was opened with a smaller limit, or is out of it.
      const isFull = error instanceof IndexError && error.code === 'limit-exceeded';
      if (!isFull || segment.size === 0) throw error;
      this.#isSealed = true;
      return start;
    }
    for (const older of this.#segments.slice(0, -1)) for (const id of part.ids) older.delete(id);
    return end;
  }

  // Segments check for themselves; without any, a bad search must fail all the same.
  #checkSearch(query: Float32Array, options: SearchOptions): void {
    checkQuery(query, this.#options.dimension);
    checkComponents(query, this.#options);
    checkSearchOptions(options);
  }

  #growing(): Segment {
    const last = this.#segments.at(-1);
    const maxElements = segmentRows(this.#options);
    if (last !== undefined && !this.#isSealed && last.size < maxElements) return last;
    const segment = new Segment(createSegmentIndex(this.#options, maxElements));
    this.#segments.push(segment);
    this.#isSealed = false;
    return segment;
  }
}

function sliceRows(rows: CheckedRows, start: number, end: number, dimension: number): CheckedRows {
  if (start === 0 && end === rows.ids.length) return rows;
  const ids = rows.ids.slice(start, end);
  const vectors = rows.vectors.subarray(start * dimension, end * dimension);
  if (rows.metadata === undefined) return { ids, vectors };
  return { ids, vectors, metadata: rows.metadata.slice(start, end) };
}
