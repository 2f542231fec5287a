// A snapshot: the state after one event of a log, so that a replay begins there. It is worth nothing
// by itself: it names that event, and whoever loads it compares.

import { digestOf } from '@starling/crypto';
import {
  bytesSchema,
  type CborValue,
  type Checked,
  checked,
  decodeCanonical,
  digestSchema,
  encodeCanonical,
  refused,
  STORED_SNAPSHOT_BYTES_MAX,
  type StoredEvent,
  uintSchema,
  z,
} from '@starling/shared';
import type { FederationState } from '../federation-state.ts';
import { readState, writeState } from './state-text.ts';

/**
 * How the state is written. Raised whenever the same events give a state of another shape or meaning;
 * snapshots of another encoding are ignored and made anew.
 */
export const STATE_ENCODING = 2;

const contentSchema = z.strictObject({
  blobs: z.array(bytesSchema),
  encoding: uintSchema,
  /** Digest of the event after which the state was this. */
  event: digestSchema,
  seq: uintSchema.min(1),
  /** JSON, in UTF-8. */
  text: bytesSchema,
});

const snapshotSchema = z.strictObject({ content: bytesSchema, digest: digestSchema });

export interface Snapshot {
  readonly seq: number;
  readonly event: string;
  readonly state: FederationState;
}

/**
 * @param newest the event that `state` is the fold up to
 * @throws {TypeError} as `writeState`; {RangeError} for a state of more than `STORED_SNAPSHOT_BYTES_MAX`
 */
export function encodeSnapshot(state: FederationState, newest: StoredEvent): Uint8Array {
  const { blobs, text } = writeState(state);
  const content = encodeCanonical({
    blobs,
    encoding: STATE_ENCODING,
    event: eventDigest(newest),
    seq: state.head,
    text: new TextEncoder().encode(text),
  });
  const bytes = encodeCanonical({ content, digest: digestOf(content) });
  if (bytes.byteLength <= STORED_SNAPSHOT_BYTES_MAX) return bytes;
  throw new RangeError(
    `the state takes ${bytes.byteLength} bytes, at most ${STORED_SNAPSHOT_BYTES_MAX}`,
  );
}

/** The state that a snapshot holds, or why it holds none. */
export function openSnapshot(bytes: Uint8Array): Checked<Snapshot> {
  const outer = parsed(snapshotSchema, bytes);
  if (outer === undefined) return refused('malformed-cbor', 'it is no snapshot');
  const { content, digest } = outer;
  if (digestOf(content) !== digest) return refused('wrong-shape', 'it is damaged');
  const inner = parsed(contentSchema, content);
  if (inner === undefined) return refused('wrong-shape', 'it is of another format');
  if (inner.encoding !== STATE_ENCODING) {
    const detail = `it has the encoding ${inner.encoding}, this program reads ${STATE_ENCODING}`;
    return refused('wrong-shape', detail);
  }
  const { event, seq } = inner;
  // Copies, so that one small frame does not keep the whole file in memory.
  const blobs = inner.blobs.map((blob) => blob.slice());
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(inner.text);
    const state = readState({ blobs, text }) as FederationState;
    if (state.head !== seq) return refused('wrong-shape', `its state is of event ${state.head}`);
    return checked({ event, seq, state });
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return refused('wrong-shape', `its state does not decode: ${detail}`);
  }
}

/** True when a record has the fields that another has, and so have the records in both. */
export function hasFieldsOf(record: object, other: object): boolean {
  const theirs = Object.entries(other);
  const ours = new Map<string, unknown>(Object.entries(record));
  return (
    ours.size === theirs.length &&
    theirs.every(([field, value]) => {
      const mine = ours.get(field);
      if (!ours.has(field)) return false;
      return !isRecord(value) || !isRecord(mine) || hasFieldsOf(mine, value);
    })
  );
}

function isRecord(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  return Object.getPrototypeOf(value) === Object.prototype;
}

/** What names an event with its place in a log. */
export function eventDigest({
  atMs,
  payload,
  seq,
  type,
}: StoredEvent): ReturnType<typeof digestOf> {
  return digestOf(encodeCanonical({ atMs, payload, seq, type }));
}

function parsed<T>(schema: z.ZodType<T>, bytes: Uint8Array): T | undefined {
  const decoded = decodeCanonical(bytes, STORED_SNAPSHOT_BYTES_MAX);
  const value: CborValue | undefined = decoded.ok ? decoded.value : undefined;
  return schema.safeParse(value).data;
}
