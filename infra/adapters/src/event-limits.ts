// Limits that every event log keeps.

import { type NewEvent, STORED_SNAPSHOT_BYTES_MAX } from '@starling/shared';

/** Events of one append. */
const APPEND_EVENTS_MAX = 4096;
/** Largest payload of one event: a certificate with all its votes fits many times. */
const STORED_EVENT_BYTES_MAX = 16 * 1024 * 1024;

/** @throws {RangeError} for a caller's append that no log takes. */
export function assertAppend(events: readonly NewEvent[]): void {
  if (events.length > APPEND_EVENTS_MAX) {
    throw new RangeError(`one append holds at most ${APPEND_EVENTS_MAX} events`);
  }
  for (const { atMs, payload } of events) {
    if (!Number.isSafeInteger(atMs) || atMs < 0) {
      throw new RangeError(`atMs must be whole milliseconds, got ${atMs}`);
    }
    if (payload.byteLength > STORED_EVENT_BYTES_MAX) {
      throw new RangeError(`an event holds at most ${STORED_EVENT_BYTES_MAX} bytes`);
    }
  }
}

/** @throws {RangeError} for a snapshot that no store takes. */
export function assertSnapshot({ byteLength }: Uint8Array): void {
  if (byteLength <= STORED_SNAPSHOT_BYTES_MAX) return;
  throw new RangeError(
    `a snapshot of ${byteLength} bytes, at most ${STORED_SNAPSHOT_BYTES_MAX} are kept`,
  );
}
