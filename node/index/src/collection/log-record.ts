// The records of the write-ahead log. An upsert holds
//   rows u32 | 1 when components are bytes u32 | JSON bytes u32 | 0 u32 | vectors | JSON
// with `{ ids, metadata? }` as JSON; a delete is a JSON list of ids.

import { IndexError } from '../index-error.ts';
import type { VectorType } from '../vector-index.ts';
import type { CheckedRows } from './check-rows.ts';
import { COLLECTION_LIMITS } from './collection-limits.ts';
import { componentBytes } from './collection-options.ts';
import { allocateFrame, FRAME_HEAD_BYTES, FRAME_KINDS, jsonFrame } from './frame.ts';

const HEAD_BYTES = 16;

/** Copies rows into a record that is ready for the log; the caller's arrays are free again. */
export function encodeUpsert(rows: CheckedRows, vectorType: VectorType): Buffer {
  const { ids, metadata, vectors } = rows;
  const json = Buffer.from(JSON.stringify(metadata === undefined ? { ids } : { ids, metadata }));
  const vectorBytes = vectors.length * componentBytes(vectorType);
  const payloadBytes = HEAD_BYTES + vectorBytes + json.length;
  checkRecordBytes(payloadBytes);
  const frame = allocateFrame(FRAME_KINDS.upsert, payloadBytes);
  frame.writeUInt32LE(ids.length, FRAME_HEAD_BYTES);
  frame.writeUInt32LE(vectorType === 'u8' ? 1 : 0, FRAME_HEAD_BYTES + 4);
  frame.writeUInt32LE(json.length, FRAME_HEAD_BYTES + 8);
  const start = FRAME_HEAD_BYTES + HEAD_BYTES;
  if (vectorType === 'u8') new Uint8Array(frame.buffer, start, vectors.length).set(vectors);
  else new Float32Array(frame.buffer, start, vectors.length).set(vectors);
  json.copy(frame, start + vectorBytes);
  return frame;
}

/** The rows of an upsert; throws whatever nonsense makes it trip. */
export function decodeUpsert(payload: Buffer, dimension: number): CheckedRows {
  const rows = payload.readUInt32LE(0);
  const isBytes = payload.readUInt32LE(4) === 1;
  const jsonBytes = payload.readUInt32LE(8);
  const vectorBytes = rows * dimension * (isBytes ? 1 : 4);
  if (HEAD_BYTES + vectorBytes + jsonBytes !== payload.length) throw new Error('lengths disagree');
  const start = payload.byteOffset + HEAD_BYTES;
  const vectors = isBytes
    ? new Uint8Array(payload.buffer, start, vectorBytes)
    : floatsAt(payload.buffer as ArrayBuffer, start, rows * dimension);
  const parsed: unknown = JSON.parse(payload.toString('utf8', HEAD_BYTES + vectorBytes));
  const { ids, metadata } = parsed as CheckedRows;
  if (!Array.isArray(ids) || ids.length !== rows) throw new Error('ids and rows differ in number');
  if (metadata === undefined) return { ids, vectors };
  return { ids, vectors, metadata: metadata.map(frozenOrNone) };
}

/** A record that deletes rows. */
export function encodeDelete(ids: readonly string[]): Buffer {
  const frame = jsonFrame(FRAME_KINDS.delete, ids);
  checkRecordBytes(frame.length - FRAME_HEAD_BYTES);
  return frame;
}

/** The ids of a delete; throws whatever nonsense makes it trip. */
export function decodeDelete(payload: Buffer): readonly string[] {
  const ids: unknown = JSON.parse(payload.toString());
  if (!Array.isArray(ids) || !ids.every((id) => typeof id === 'string')) {
    throw new Error('it is no list of ids');
  }
  return ids;
}

function floatsAt(buffer: ArrayBuffer, start: number, length: number): Float32Array {
  if (start % 4 === 0) return new Float32Array(buffer, start, length);
  return new Float32Array(buffer.slice(start, start + length * 4));
}

// JSON writes `undefined` in a list as null; no row has null for metadata.
function frozenOrNone<T extends object>(entry: T | undefined): T | undefined {
  return entry === undefined || entry === null ? undefined : Object.freeze(entry);
}

function checkRecordBytes(bytes: number): void {
  const { recordBytesMax } = COLLECTION_LIMITS;
  if (bytes <= recordBytesMax) return;
  throw new IndexError(
    'limit-exceeded',
    `a write of ${bytes} bytes violates bytes <= recordBytesMax = ${recordBytesMax}; split the ` +
      'batch, or use load(), which does',
  );
}
