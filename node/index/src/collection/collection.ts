// The index of a site as its users see it: a folder of rows that survives a kill at any moment.

import { IndexError } from '../index-error.ts';
import type { InspectionMeter } from '../observe/publish-inspection.ts';
import type { SearchHit, SearchOptions, SearchResult } from '../vector-index.ts';
import { type CheckedRows, checkRows, queryVector, type Row, type Rows } from './check-rows.ts';
import { writeCheckpoint } from './checkpoint.ts';
import type { CollectionCore } from './collection-core.ts';
import { CollectionObserver } from './collection-observer.ts';
import type { CollectionOptions, CollectionSettings } from './collection-options.ts';
import { type CollectionStats, collectionStats } from './collection-stats.ts';
import { compactSegments } from './compact-segments.ts';
import { copyCollection } from './copy-collection.ts';
import type { CollectionInspection } from './inspect-segments.ts';
import { type LoadOptions, type LoadProgress, loadRows, type RowSource } from './load-rows.ts';
import { Maintenance } from './maintenance.ts';
import { NODE_STORAGE } from './node-storage.ts';
import { openCore } from './open-core.ts';
import { repairOpen } from './repair-collection.ts';
import type { RepairReport } from './repair-report.ts';
import type { Metadata } from './row-metadata.ts';
import { deleteWrite, upsertWrite } from './row-writes.ts';
import {
  moreResults,
  type RangeOptions,
  type ResultsOptions,
  searchRange,
} from './search-segments.ts';
import type { CollectionStorage } from './storage.ts';
import { type VerifyReport, verifyOpen } from './verify-collection.ts';

export interface OpenContext {
  readonly signal?: AbortSignal;
  /** The file system, that of Node when left out. */
  readonly storage?: CollectionStorage;
  /** Where the metrics of inspections go. */
  readonly meter?: InspectionMeter;
}

export interface StoredRow {
  readonly id: string;
  /** `[dimension]`, as it is compared: under `cosine` scaled to length one. */
  readonly vector: Float32Array;
  readonly metadata?: Metadata;
}

export interface DeleteOptions {
  /**
   * When the bytes leave the files: at the next compaction, or before the promise resolves, together
   * with those of former versions of the rows. Snapshots are files of their own.
   */
  readonly erase?: 'compaction' | 'now';
}

export interface CollectionSearch extends SearchOptions {
  /** False leaves a search out of what `inspect` knows: a measurement, not a question. */
  readonly observe?: boolean;
}

export interface AbortOptions {
  readonly signal?: AbortSignal;
}

/**
 * A durable collection of vectors with metadata. When the promise of a write resolves, the write is
 * on disk (`durability: 'sync'`) and every search sees it; a batch is taken whole or not at all.
 */
export class Collection implements AsyncDisposable {
  readonly #core: CollectionCore;
  readonly #observer: CollectionObserver;
  readonly #maintenance: Maintenance;
  #closing: Promise<void> | undefined;

  private constructor(core: CollectionCore, observer: CollectionObserver) {
    this.#core = core;
    this.#observer = observer;
    this.#maintenance = new Maintenance(core, () => observer.keep());
  }

  /**
   * Opens a collection, creates it when the folder holds none, or takes over a single saved index.
   *
   * @throws IndexError `collection-locked`, `settings-mismatch`, `missing-file`, `corrupt-file`,
   *   `newer-format`, `storage-failed`, and refusals of settings
   */
  static async open(
    folder: string,
    settings: CollectionSettings = {},
    { meter, signal, storage = NODE_STORAGE }: OpenContext = {},
  ): Promise<Collection> {
    const core = await openCore(folder, settings, storage, signal);
    return new Collection(core, await CollectionObserver.open(core, meter));
  }

  get options(): CollectionOptions {
    return this.#core.options;
  }

  /** Number of live rows. */
  get size(): number {
    return this.#core.segments.size;
  }

  /**
   * Writes rows, replacing those whose ids are present. The arrays are free again at once.
   *
   * @throws IndexError refusals of rows, `storage-failed`; nothing was written then
   */
  async upsert(rows: Rows): Promise<void> {
    const checked = this.#checked(rows);
    if (checked.ids.length > 0) await this.#write(upsertWrite(this.#core, checked, 'replace'));
  }

  /**
   * Writes rows whose ids are new.
   *
   * @throws IndexError also `duplicate-id` when an id is present
   */
  async insert(rows: Rows): Promise<void> {
    const checked = this.#checked(rows);
    if (checked.ids.length > 0) await this.#write(upsertWrite(this.#core, checked, 'refuse'));
  }

  /**
   * Removes rows and says how many were there.
   *
   * @throws IndexError `storage-failed`; with `erase: 'now'` the rows may be gone from searches and
   *   their bytes still in files, then `compact()` erases them
   */
  async delete(ids: readonly string[], options: DeleteOptions = {}): Promise<number> {
    this.#checkOpen();
    const { erase = 'compaction' } = options;
    if (erase !== 'compaction' && erase !== 'now') {
      throw new IndexError('invalid-option', `erase is '${erase}'; use 'compaction' or 'now'`);
    }
    const { write, deletedCount } = deleteWrite(this.#core, ids);
    if (ids.length > 0) await this.#write(write);
    if (erase === 'now') await this.#maintenance.run(() => this.#erase([...ids]));
    return deletedCount();
  }

  /** Whether there is a row of this id. */
  has(id: string): boolean {
    this.#checkOpen();
    return this.#core.segments.find(id) !== undefined;
  }

  /** A row by its id, `undefined` when there is none. */
  async get(id: string): Promise<StoredRow | undefined> {
    this.#checkOpen();
    const segment = this.#core.segments.find(id);
    const vector = segment?.index.vectorOf(id);
    if (segment === undefined || vector === undefined) return undefined;
    const metadata = segment.metadataOf(id);
    return metadata === undefined ? { id, vector } : { id, vector, metadata };
  }

  /**
   * Finds the rows nearest to `query`.
   *
   * @param query - `[dimension]`
   * @throws IndexError `dimension-mismatch`, `non-finite`, `invalid-option`, `limit-exceeded`
   */
  async search(query: Row['vector'], options: CollectionSearch): Promise<SearchResult> {
    this.#checkOpen();
    const vector = queryVector(query);
    const result = this.#core.segments.search(vector, options);
    if (options.observe !== false) this.#observer.record(vector, result, options);
    return result;
  }

  /** One result per query, in their order. */
  async searchMany(
    queries: readonly Row['vector'][],
    options: SearchOptions,
  ): Promise<SearchResult[]> {
    const results: SearchResult[] = [];
    for (const query of queries) results.push(await this.search(query, options));
    return results;
  }

  /** Finds the rows within `radius`, nearest first, at most `limit`. */
  async range(query: Row['vector'], options: RangeOptions): Promise<readonly SearchHit[]> {
    this.#checkOpen();
    return searchRange(this.#core.segments, queryVector(query), options);
  }

  /** Hit after hit, nearly nearest first, every id once, for as long as the caller asks. */
  results(
    query: Row['vector'],
    options: ResultsOptions = {},
  ): AsyncGenerator<SearchHit, void, undefined> {
    this.#checkOpen();
    return moreResults(this.#core.segments, queryVector(query), options);
  }

  /**
   * Writes a stream of rows batch by batch; a later row replaces an earlier one of the same id.
   *
   * @throws as `upsert` does, or what the source throws; acknowledged batches stay
   */
  async load(source: RowSource, options: LoadOptions = {}): Promise<LoadProgress> {
    return loadRows(source, (rows) => this.upsert(rows), options);
  }

  /** Moves what the log holds into segment files; the next open then replays nothing. */
  async checkpoint(): Promise<void> {
    this.#checkOpen();
    await this.#maintenance.run(async () => {
      await writeCheckpoint(this.#core);
      await this.#observer.keep();
    });
  }

  /**
   * Copies the collection as it is at this moment into a missing or empty folder, which can be opened
   * as a collection of its own. Reads and writes go on meanwhile.
   *
   * @throws IndexError `invalid-option`, `storage-failed`
   */
  async snapshot(folder: string, { signal }: AbortOptions = {}): Promise<void> {
    this.#checkOpen();
    await this.#maintenance.run(async () => {
      await writeCheckpoint(this.#core);
      await copyCollection(this.#core, folder, signal);
    });
  }

  /** Merges small segments, erases deleted rows and the sampled queries, closes holes in graphs. */
  async compact({ signal }: AbortOptions = {}): Promise<void> {
    this.#checkOpen();
    await this.#maintenance.run(async () => {
      await compactSegments(this.#core, signal);
      await this.#observer.forget();
    });
  }

  /**
   * Looks at every graph, and at what was asked here and, as the folder remembers, before: findings
   * with evidence, gravest first. Recall is that of sampled queries beside an exact scan.
   */
  async inspect({ signal }: AbortOptions = {}): Promise<CollectionInspection> {
    this.#checkOpen();
    return this.#observer.inspect(signal);
  }

  /** Reads every file again, walks every graph, asks rows to find themselves: what is wrong. */
  async verify({ signal }: AbortOptions = {}): Promise<VerifyReport> {
    this.#checkOpen();
    return this.#maintenance.run(() => verifyOpen(this.#core, signal));
  }

  /** Mends the graphs, by relinking rows or anew, and measures before and after. */
  async repair({ signal }: AbortOptions = {}): Promise<RepairReport> {
    this.#checkOpen();
    return this.#maintenance.run(() => repairOpen(this.#core, this.#observer, signal));
  }

  /** Counts and sizes of this moment. */
  stats(): CollectionStats {
    this.#checkOpen();
    return collectionStats(this.#core, this.#maintenance);
  }

  /** Waits for writes under way, forces the log to disk and gives the folder free. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close(): Promise<void> {
    await this.#maintenance.stop();
    await this.#observer.keep();
    try {
      await this.#core.queue.exclusive(() => this.#core.log.close());
    } finally {
      await this.#core.lock.release();
    }
  }

  #checked(rows: Rows): CheckedRows {
    this.#checkOpen();
    return checkRows(rows, this.#core.options);
  }

  async #write(write: Parameters<CollectionCore['queue']['write']>[0]): Promise<void> {
    await this.#core.queue.write(write);
    this.#maintenance.checkpointWhenDue();
  }

  async #erase(ids: readonly string[]): Promise<void> {
    await writeCheckpoint(this.#core, ({ deletedIds }) => ids.some((id) => deletedIds.has(id)));
    await this.#observer.forget();
  }

  #checkOpen(): void {
    if (this.#closing === undefined) return;
    const message = `the collection ${this.#core.folder} is closed; open it again`;
    throw new IndexError('collection-closed', message);
  }
}
