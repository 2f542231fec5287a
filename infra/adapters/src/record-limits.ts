// Limits that every peer store keeps.

import { PeerStoreError, type PeerWrite, RECORD_BYTES_MAX } from '@starling/shared';

/** Longest key of a record, in UTF-8 bytes. */
const KEY_BYTES_MAX = 512;
/** Writes of one call. */
const WRITES_MAX = 4096;

/** @throws {PeerStoreError} `too-large` */
export function assertWrites(writes: readonly PeerWrite[]): void {
  if (writes.length > WRITES_MAX) {
    throw new PeerStoreError('too-large', `one call writes at most ${WRITES_MAX} records`);
  }
  for (const { key, value } of writes) {
    const keyBytes = Buffer.byteLength(key, 'utf8');
    if (keyBytes === 0 || keyBytes > KEY_BYTES_MAX) {
      throw new PeerStoreError(
        'too-large',
        `a key has 1 to ${KEY_BYTES_MAX} bytes, got ${keyBytes}`,
      );
    }
    if (value !== undefined && value.byteLength > RECORD_BYTES_MAX) {
      throw new PeerStoreError(
        'too-large',
        `a record has at most ${RECORD_BYTES_MAX} bytes, got ${value.byteLength}: offer a payload`,
      );
    }
  }
}
