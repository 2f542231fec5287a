import type { CollectionCore } from './collection-core.ts';
import type { Maintenance } from './maintenance.ts';

export interface CollectionStats {
  /** Live rows. */
  readonly rows: number;
  readonly segments: readonly SegmentStats[];
  /** Bytes of the newest log file. */
  readonly logBytes: number;
  /** Number of the last write. */
  readonly sequence: number;
  /** Number of the last write that is in segment files; later ones are replayed when opening. */
  readonly checkpointSequence: number;
  /** Why the last checkpoint that began by itself failed; left out when it did not. */
  readonly checkpointFailure?: Error;
}

export interface SegmentStats {
  readonly rows: number;
  /** Deleted rows whose bytes are still in the files. */
  readonly deletedRows: number;
}

export function collectionStats(core: CollectionCore, maintenance: Maintenance): CollectionStats {
  const { log, manifest, segments } = core;
  const { failure } = maintenance;
  return {
    rows: segments.size,
    segments: segments.segments.map(({ deletedIds, size }) => {
      return { rows: size, deletedRows: deletedIds.size };
    }),
    logBytes: log.lengthBytes,
    sequence: log.sequence,
    checkpointSequence: manifest.sequence,
    ...(failure === undefined ? {} : { checkpointFailure: failure }),
  };
}
