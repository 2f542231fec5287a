import { BATCH_ROWS_MIN } from '../memory/arrange-table.ts';

/** The named limits of a collection; those of one index are `INDEX_LIMITS`. */
export const COLLECTION_LIMITS = Object.freeze({
  /** Rows of one segment when the caller names no `segmentRowsMax`. */
  segmentRowsDefault: 1_000_000,
  /** Memory that the rows and links of one segment may take; an index reaches 4 GiB and copies. */
  segmentBytesMax: 2 ** 31,
  /** JSON text of one row's metadata, in UTF-16 units. */
  metadataLengthMax: 65_536,
  /** One log record: a batch of rows with ids and metadata. */
  recordBytesMax: 2 ** 28,
  /** Records that wait for the disk; writers await their promises. */
  pendingBytesMax: 2 ** 30,
  /** Records that share one write and one fsync. */
  groupBytesMax: 2 ** 26,
  /** Log size that starts a checkpoint when the caller names none. */
  checkpointLogBytesDefault: 2 ** 26,
  /** Rows that a load hands over at once when the caller names none. */
  loadBatchRowsDefault: 1_024,
  /** Rows that are built into a graph before readers get a turn. */
  rowsPerTurn: 64,
  /** The same for the first rows of a segment, by which its index may order components. */
  firstRowsPerTurn: BATCH_ROWS_MIN,
  /** Rows of a batch from which on worker threads link them. */
  threadRowsMin: 256,
  /** Queries of one call from which on worker threads answer them. */
  threadQueriesMin: 16,
  /** Queries that are answered on the main thread before others get a turn. */
  queriesPerTurn: 32,
  /** Queries of one job of the worker threads, and the hits that it has room for. */
  queriesPerJobMax: 1_024,
  hitsPerJobMax: 2 ** 22,
  /** Hits of a range search when the caller names no limit. */
  rangeHitsDefault: 1_000,
});
