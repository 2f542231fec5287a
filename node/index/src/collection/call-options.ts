// What the calls of a collection take and give back.

import type { ColumnSchema } from '../filter/column-types.ts';
import type { InspectionMeter } from '../observe/publish-inspection.ts';
import type { StoredMetadata } from './row-metadata.ts';
import type { CollectionSearchOptions } from './segment-search.ts';
import type { CollectionStorage } from './storage.ts';

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
  /** As it is kept: timestamps of columns are ms since 1970. */
  readonly metadata?: StoredMetadata;
}

export interface DeleteOptions {
  /**
   * When the bytes leave the files: at the next compaction, or before the promise resolves, together
   * with those of former versions of the rows. Snapshots are files of their own.
   */
  readonly erase?: 'compaction' | 'now';
}

export interface CollectionSearch<S extends ColumnSchema = ColumnSchema>
  extends CollectionSearchOptions<S> {
  /** False leaves a search out of what `inspect` knows: a measurement, not a question. */
  readonly observe?: boolean;
}

export interface AbortOptions {
  readonly signal?: AbortSignal;
}
