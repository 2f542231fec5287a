// The index of a site as its users see it: a folder of rows that survives a kill at any moment.

import type { ColumnSchema } from '../filter/column-types.ts';
import { IndexError } from '../index-error.ts';
import type { SearchHit, SearchResult } from '../vector-index.ts';
import type {
  AbortOptions,
  CollectionSearch,
  DeleteOptions,
  OpenContext,
  StoredRow,
} from './call-options.ts';
import { type CheckedRows, checkRows, queryVector, type Row, type Rows } from './check-rows.ts';
import { writeCheckpoint } from './checkpoint.ts';
import type { CollectionCore } from './collection-core.ts';
import { CollectionObserver } from './collection-observer.ts';
import type { CollectionOptions, CollectionSettings } from './collection-options.ts';
import { type CollectionStats, collectionStats } from './collection-stats.ts';
import { compactSegments } from './compact-segments.ts';
import { copyCollection } from './copy-collection.ts';
import type { SearchExplanation } from './explain-search.ts';
import type { CollectionInspection } from './inspect-segments.ts';
import { type LoadOptions, type LoadProgress, loadRows, type RowSource } from './load-rows.ts';
import { Maintenance } from './maintenance.ts';
import { moreResults, type RangeOptions, type ResultsOptions, searchRange } from './more-hits.ts';
import { NODE_STORAGE } from './node-storage.ts';
import { openCore } from './open-core.ts';
import { repairOpen } from './repair-collection.ts';
import type { RepairReport } from './repair-report.ts';
import { deleteWrite, upsertWrite } from './row-writes.ts';
import { searchManyQueries } from './search-many-queries.ts';
import type { CollectionSearchOptions } from './segment-search.ts';
import { type VerifyReport, verifyOpen } from './verify-collection.ts';

/**
 * A durable collection of vectors with metadata. When the promise of a write resolves, the write is
 * on disk (`durability: 'sync'`) and every search sees it; a batch is taken whole or not at all.
 */
export class Collection<S extends ColumnSchema = ColumnSchema> implements AsyncDisposable {
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
  static async open<const S extends ColumnSchema = ColumnSchema>(
    folder: string,
    settings: CollectionSettings<S> = {},
    { meter, signal, storage = NODE_STORAGE }: OpenContext = {},
  ): Promise<Collection<S>> {
    const core = await openCore(folder, settings, storage, signal);
    return new Collection<S>(core, await CollectionObserver.open(core, meter));
  }

  get options(): CollectionOptions<S> {
    // Opening refused a schema other than the stored one.
    return this.#core.options as CollectionOptions<S>;
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
  async upsert(rows: Rows<S>): Promise<void> {
    const checked = this.#checked(rows);
    if (checked.ids.length > 0) await this.#write(upsertWrite(this.#core, checked, 'replace'));
  }

  /**
   * Writes rows whose ids are new.
   *
   * @throws IndexError also `duplicate-id` when an id is present
   */
  async insert(rows: Rows<S>): Promise<void> {
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

  /**
   * A row by its id, `undefined` when there is none. Under `cosine` the vector comes back as it is
   * compared, scaled to length one; its former length is not kept.
   */
  async get(id: string): Promise<StoredRow | undefined> {
    this.#checkOpen();
    const segment = this.#core.segments.find(id);
    const vector = segment?.index.vectorOf(id);
    if (segment === undefined || vector === undefined) return undefined;
    const metadata = segment.metadataOf(id);
    return metadata === undefined ? { id, vector } : { id, vector, metadata };
  }

  /**
   * Finds the rows nearest to `query`, of those that the filter accepts if there is one: min(k,
   * matches) rows come back however few match.
   *
   * @param query - `[dimension]`
   * @throws IndexError `dimension-mismatch`, `non-finite`, `no-byte`, `invalid-option`,
   *   `invalid-filter`, `limit-exceeded`
   */
  async search(query: Row['vector'], options: CollectionSearch<S>): Promise<SearchResult> {
    this.#checkOpen();
    const vector = queryVector(query);
    const result = this.#core.segments.search(vector, options);
    if (options.observe !== false) this.#observer.record(vector, result, options);
    return result;
  }

  /** Searches, and tells the way, the matches and the cost by segment and in all. */
  async explain(
    query: Row['vector'],
    options: CollectionSearchOptions<S>,
  ): Promise<SearchExplanation> {
    this.#checkOpen();
    return this.#core.segments.explain(queryVector(query), options);
  }

  /** One result per query, in their order; others get a turn in between. */
  async searchMany(
    queries: readonly Row['vector'][],
    options: CollectionSearch<S>,
  ): Promise<SearchResult[]> {
    this.#checkOpen();
    const vectors = queries.map(queryVector);
    const results = await searchManyQueries(this.#core, vectors, options);
    for (const [at, result] of results.entries()) {
      const vector = vectors[at];
      if (options.observe === false || vector === undefined) break;
      this.#observer.record(vector, result, options);
    }
    return results;
  }

  /** Finds the rows within `radius`, nearest first, at most `limit`. */
  async range(query: Row['vector'], options: RangeOptions<S>): Promise<readonly SearchHit[]> {
    this.#checkOpen();
    return searchRange(this.#core.segments, queryVector(query), options);
  }

  /** Hit after hit, nearly nearest first, every id once, for as long as the caller asks. */
  results(
    query: Row['vector'],
    options: ResultsOptions<S> = {},
  ): AsyncGenerator<SearchHit, void, undefined> {
    this.#checkOpen();
    return moreResults(this.#core.segments, queryVector(query), options);
  }

  /**
   * Writes a stream of rows batch by batch; a later row replaces an earlier one of the same id.
   *
   * @throws as `upsert` does, or what the source throws; acknowledged batches stay
   */
  async load(source: RowSource<S>, options: LoadOptions = {}): Promise<LoadProgress> {
    return loadRows<S>(source, (rows) => this.upsert(rows), options);
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
      await this.#core.threads?.stop();
      await this.#core.lock.release();
    }
  }

  #checked(rows: Rows<S>): CheckedRows {
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
