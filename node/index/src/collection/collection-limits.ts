/** The named limits of a collection; those of one index are `INDEX_LIMITS`. */
export const COLLECTION_LIMITS = Object.freeze({
  /** Rows of one segment when the caller names no `segmentRowsMax`. */
  segmentRowsDefault: 1_000_000,
  /** Memory that the rows and links of one segment may take; an index reaches 4 GiB and copies. */
  segmentBytesMax: 2 ** 31,
  /** Columns of the schema. */
  columnsMax: 256,
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
  /** Hits of a range search when the caller names no limit. */
  rangeHitsDefault: 1_000,
});
