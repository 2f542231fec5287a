// Where a coordinator keeps snapshots of its state, beside its log. They only save time: a store that
// lost them, or holds damaged ones, costs a longer replay and nothing else.

/** Snapshots that a store keeps; more than one, should the newest be damaged. */
export const SNAPSHOTS_KEPT = 2;
/** Largest snapshot, in bytes. */
export const STORED_SNAPSHOT_BYTES_MAX = 512 * 1024 * 1024;

export interface StoredSnapshot {
  /** Number of the event after which the state was this. */
  readonly seq: number;
  readonly bytes: Uint8Array;
}

export interface SnapshotStore {
  /** Numbers of the snapshots that are there, newest first. @throws {EventLogError} `storage` */
  list(): Promise<readonly number[]>;
  /** Undefined when it is not there, or not whole. @throws {EventLogError} `storage` */
  read(seq: number): Promise<Uint8Array | undefined>;
  /**
   * Keeps a snapshot, durable when it resolves, and forgets all but the newest `SNAPSHOTS_KEPT`.
   * @throws {EventLogError} `storage`; {RangeError} for more than `STORED_SNAPSHOT_BYTES_MAX` bytes
   */
  keep(snapshot: StoredSnapshot): Promise<void>;
  stop(): Promise<void>;
}
