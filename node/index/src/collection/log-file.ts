// The name and the head of a log file. The head is a frame of fixed size, on disk before the first
// record is written; it names the sequence number after which the file begins.

import { corrupt } from '../file/section-file.ts';
import { IndexError } from '../index-error.ts';
import {
  FRAME_HEAD_BYTES,
  FRAME_KINDS,
  jsonFrame,
  readFrameAt,
  sealFrame,
  seedOf,
} from './frame.ts';
import type { StoredFile } from './storage.ts';

export const LOG_FORMAT_VERSION = 1;
const HEAD_PAYLOAD_BYTES = 96;
/** Bytes before the first record. */
export const LOG_HEAD_BYTES = FRAME_HEAD_BYTES + HEAD_PAYLOAD_BYTES;

export interface LogHead {
  /** The sequence number of the last record before this file. */
  readonly afterSequence: number;
  /** The seed of the frames of this file. */
  readonly seed: number;
}

export function logName(number: number): string {
  return `wal-${String(number).padStart(6, '0')}.log`;
}

/** The number of a log file, `undefined` for any other name. */
export function logNumberOf(name: string): number | undefined {
  const digits = /^wal-(\d{6,12})\.log$/.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** The first bytes of a log file and the seed of its frames. */
export function encodeLogHead(
  number: number,
  afterSequence: number,
): { readonly bytes: Buffer; readonly seed: number } {
  const content = { format: LOG_FORMAT_VERSION, log: number, afterSequence };
  const bytes = jsonFrame(FRAME_KINDS.head, content, HEAD_PAYLOAD_BYTES);
  sealFrame(bytes, { sequence: afterSequence, durableBytes: 0, seed: 0 });
  return { bytes, seed: seedOf(bytes) };
}

/**
 * Reads the head of a log file; `undefined` when a crash cut it before anything was written after.
 *
 * @throws IndexError `corrupt-file`, `newer-format`
 */
export async function readLogHead(
  path: string,
  file: StoredFile,
  number: number,
): Promise<LogHead | undefined> {
  const bytes = await file.read(0, LOG_HEAD_BYTES);
  if (file.sizeBytes < LOG_HEAD_BYTES) return undefined;
  if (file.sizeBytes === LOG_HEAD_BYTES && bytes.every((byte) => byte === 0)) return undefined;
  const frame = await readFrameAt(file, 0, 0);
  if (frame?.kind !== FRAME_KINDS.head) throw corrupt(path, 'its head at byte 0 changed');
  const { format, log, afterSequence } = JSON.parse(frame.payload.toString());
  if (format > LOG_FORMAT_VERSION) {
    throw new IndexError(
      'newer-format',
      `${path} has format ${format}, this version reads up to ${LOG_FORMAT_VERSION}; update Starling`,
    );
  }
  if (log !== number || frame.endBytes !== LOG_HEAD_BYTES || !Number.isSafeInteger(afterSequence)) {
    throw corrupt(path, `its head says that it is log ${log}`);
  }
  return { afterSequence, seed: seedOf(bytes) };
}
