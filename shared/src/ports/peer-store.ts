// A site's durable memory: small records by table and key.

/** Stores keep a table by its place in this list: new ones stand at the end. */
export const PEER_TABLES = [
  'document',
  'state',
  'vote',
  'version',
  'mark',
  'privacy',
  'evidence',
  'consensus',
  'pattern',
  'commitment',
] as const;
export type PeerTable = (typeof PEER_TABLES)[number];

export interface PeerRecord {
  readonly key: string;
  readonly value: Uint8Array;
}

export interface PeerWrite {
  readonly table: PeerTable;
  readonly key: string;
  /** `undefined` deletes. */
  readonly value: Uint8Array | undefined;
}

export type PeerStoreErrorCode = 'storage' | 'corrupt' | 'too-large' | 'in-use' | 'stopped';

export class PeerStoreError extends Error {
  override readonly name = 'PeerStoreError';
  readonly code: PeerStoreErrorCode;

  constructor(code: PeerStoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Largest value of one record, in bytes. */
export const RECORD_BYTES_MAX = 8 * 1024 * 1024;

export interface PeerStore {
  get(table: PeerTable, key: string): Promise<Uint8Array | undefined>;
  /** All of a table in ascending order of its keys' UTF-8 bytes. */
  entries(table: PeerTable): AsyncIterable<PeerRecord>;
  count(table: PeerTable): Promise<number>;
  /** Writes all or none; durable when it resolves. Later writes to a key win. */
  write(writes: readonly PeerWrite[]): Promise<void>;
  /**
   * Writes only if the key is absent; returns the value that stands there afterwards, which is how
   * a vote is cast at most once. Durable when it resolves.
   */
  putIfAbsent(table: PeerTable, key: string, value: Uint8Array): Promise<Uint8Array>;
  stop(): Promise<void>;
}
