import { scheduler } from 'node:timers/promises';
import { HnswIndex } from '../hnsw/hnsw-index.ts';
import { IndexError, type IndexErrorCode } from '../index-error.ts';
import type { SearchResult } from '../vector-index.ts';
import type { CheckedRows } from './check-rows.ts';
import { chooseKind } from './choose-kind.ts';
import { COLLECTION_LIMITS } from './collection-limits.ts';
import { type CollectionOptions, type SegmentKind, segmentRows } from './collection-options.ts';
import type { CollectionThreads } from './collection-threads.ts';
import { explainSearch, type SearchExplanation } from './explain-search.ts';
import { Segment } from './segment.ts';
import { type Components, createSegmentIndex, kindOf } from './segment-index.ts';
import {
  type CollectionSearchOptions,
  checkedQuery,
  searchRequest,
  searchSegments,
} from './segment-search.ts';

/**
 * The segments of a collection, searched together. The last one takes new rows until it is full.
 *
 * Invariant: an id lives in at most one segment.
 */
export class SegmentSet {
  readonly #options: CollectionOptions;
  readonly #threads: CollectionThreads | undefined;
  #segments: Segment[];
  #isSealed = false;

  constructor(
    options: CollectionOptions,
    segments: readonly Segment[] = [],
    threads?: CollectionThreads,
  ) {
    this.#options = options;
    this.#threads = threads;
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
    const rest = this.#threads === undefined ? rows : await this.#insertNew(rows, this.#threads);
    for (let start = 0; start < rest.ids.length; ) {
      if (start > 0) await scheduler.yield();
      else this.#reserveFor(rest.ids);
      start = this.#insertSome(rest, start);
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
  search(query: Components, search: CollectionSearchOptions): SearchResult {
    const request = searchRequest(this.#options, search);
    return searchSegments(this.#segments, checkedQuery(query, this.#options), request);
  }

  /** A search that tells how it went. */
  explain(query: Components, search: CollectionSearchOptions): SearchExplanation {
    const request = searchRequest(this.#options, search);
    checkedQuery(query, this.#options);
    return explainSearch(this.#segments, this.#options, query, request);
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
    const segment = this.#growing(rows.ids.length - start);
    const room = segmentRows(this.#options) - segment.size;
    const { firstRowsPerTurn, rowsPerTurn } = COLLECTION_LIMITS;
    const turn = segment.size === 0 ? firstRowsPerTurn : rowsPerTurn;
    const end = Math.min(rows.ids.length, start + room, start + turn);
    const part = sliceRows(rows, start, end, this.#options.dimension);
    try {
      segment.insert(part);
    } catch (error) {
      // Its memory is smaller than its rows: it was opened with a smaller limit, or is out of it.
      if (!hasCode(error, 'limit-exceeded') || segment.size === 0) throw error;
      this.#isSealed = true;
      return start;
    }
    for (const older of this.#segments.slice(0, -1)) for (const id of part.ids) older.delete(id);
    return end;
  }

  /** Has threads link the rows of a large batch whose ids are new; returns those that are left. */
  async #insertNew(rows: CheckedRows, threads: CollectionThreads): Promise<CheckedRows> {
    const left: number[] = [];
    let added: number[] = [];
    for (const [row, id] of rows.ids.entries()) {
      (this.find(id) === undefined ? added : left).push(row);
    }
    while (added.length >= COLLECTION_LIMITS.threadRowsMin) {
      const segment = this.#growing(added.length);
      const { index, size } = segment;
      if (!(index instanceof HnswIndex)) break;
      const room = segmentRows(this.#options) - size;
      const part = pickRows(rows, added.slice(0, room), this.#options.dimension);
      try {
        await segment.insertNew(part, index, threads);
      } catch (error) {
        // Unless it left a graph half linked, a lost worker costs time only.
        if (hasCode(error, 'worker-failed')) break;
        if (!hasCode(error, 'limit-exceeded') || size === 0) throw error;
        this.#isSealed = true;
        continue;
      }
      added = added.slice(room);
    }
    return pickRows(rows, [...left, ...added], this.#options.dimension);
  }

  // Without it the room doubles again and again.
  #reserveFor(ids: readonly string[]): void {
    if (ids.length <= COLLECTION_LIMITS.rowsPerTurn) return;
    const { index, size } = this.#growing(ids.length);
    if (!(index instanceof HnswIndex)) return;
    let added = 0;
    for (const id of ids) if (this.find(id) === undefined) added++;
    try {
      index.reserve(Math.min(size + added, segmentRows(this.#options)));
    } catch (error) {
      // The batch goes as far as it fits, then into another segment.
      if (!hasCode(error, 'limit-exceeded')) throw error;
    }
  }

  /** The segment that takes new rows, of which `added` are about to come. */
  #growing(added: number): Segment {
    const last = this.#segments.at(-1);
    const rowsMax = segmentRows(this.#options);
    const isOpen = last !== undefined && !this.#isSealed && last.size < rowsMax;
    if (isOpen && this.#suits(last)) return last;
    const kind = chooseKind(this.#options, this.size + added, 'growing');
    const segment = newSegment(this.#options, kind);
    this.#segments.push(segment);
    this.#isSealed = false;
    return segment;
  }

  // A segment of `auto` that outgrew its kind stays as it is until a compaction.
  #suits({ index, size }: Segment): boolean {
    const kind = kindOf(index);
    if (this.#options.kind !== 'auto' || kind === 'hnsw') return true;
    return chooseKind(this.#options, size, 'growing') === 'flat';
  }
}

/** An empty segment of a kind. */
export function newSegment(options: CollectionOptions, kind: SegmentKind): Segment {
  return new Segment(createSegmentIndex(options, kind, segmentRows(options)), options.columns);
}

function hasCode(error: unknown, code: IndexErrorCode): boolean {
  return error instanceof IndexError && error.code === code;
}

/** Some rows of a batch; the batch itself when they are all. */
function pickRows(rows: CheckedRows, picked: readonly number[], dimension: number): CheckedRows {
  const { metadata, vectors } = rows;
  const isWhole = picked.length === rows.ids.length && picked.every((row, at) => row === at);
  if (isWhole) return rows;
  const length = picked.length * dimension;
  const copy = vectors instanceof Uint8Array ? new Uint8Array(length) : new Float32Array(length);
  for (const [at, row] of picked.entries()) {
    copy.set(vectors.subarray(row * dimension, (row + 1) * dimension), at * dimension);
  }
  const ids = picked.map((row) => rows.ids[row] ?? '');
  if (metadata === undefined) return { ids, vectors: copy };
  return { ids, vectors: copy, metadata: picked.map((row) => metadata[row]) };
}

function sliceRows(rows: CheckedRows, start: number, end: number, dimension: number): CheckedRows {
  if (start === 0 && end === rows.ids.length) return rows;
  const ids = rows.ids.slice(start, end);
  const vectors = rows.vectors.subarray(start * dimension, end * dimension);
  if (rows.metadata === undefined) return { ids, vectors };
  return { ids, vectors, metadata: rows.metadata.slice(start, end) };
}
