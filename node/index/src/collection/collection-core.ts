import type { CollectionOptions } from './collection-options.ts';
import type { Manifest } from './manifest.ts';
import type { SegmentSet } from './segment-set.ts';
import type { CollectionStorage, FolderLock } from './storage.ts';
import type { WriteAheadLog } from './write-ahead-log.ts';
import type { WriteQueue } from './write-queue.ts';

/** The parts of an open collection that its operations share. */
export interface CollectionCore {
  readonly folder: string;
  readonly storage: CollectionStorage;
  readonly options: CollectionOptions;
  readonly segments: SegmentSet;
  readonly log: WriteAheadLog;
  readonly queue: WriteQueue;
  readonly lock: FolderLock;
  /** What the folder holds; replaced by every checkpoint. */
  manifest: Manifest;
  /** Whether a failed write left open which manifest is on disk. */
  isManifestInDoubt: boolean;
  /** The number that the next folder or file of a segment takes. */
  nextNumber: number;
}
