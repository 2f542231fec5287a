// A frame is a checksummed piece of a log or a row file, little-endian, 32 bytes before its payload:
//   magic u32 | payload bytes u32 | CRC-32 u32 | kind u32 | sequence u64 | durable bytes u64
// The CRC covers every other byte of the frame and starts from the seed of its file, so that a frame
// of another file, copied or left behind, is none of this one.

import { crc32 } from 'node:zlib';
import type { StoredFile } from './storage.ts';

export const FRAME_HEAD_BYTES = 32;

const MAGIC = 0x4752_4653;
const MAGIC_BYTES = Buffer.from('SFRG', 'latin1');
const LENGTH_AT = 4;
const CRC_AT = 8;
const KIND_AT = 12;
const SEQUENCE_AT = 16;
const DURABLE_AT = 24;
const SCAN_BYTES = 1 << 20;

/** What a frame says. */
export const FRAME_KINDS = Object.freeze({
  head: 0,
  upsert: 1,
  delete: 2,
  /** Everything before it was forced to disk. */
  mark: 3,
  block: 4,
  end: 5,
});

export interface Frame {
  readonly kind: number;
  readonly sequence: number;
  /** How many bytes of the file were known to be on disk when the frame was written. */
  readonly durableBytes: number;
  readonly payload: Buffer;
  /** Position of the byte after it. */
  readonly endBytes: number;
}

export interface FrameStamp {
  readonly sequence: number;
  readonly durableBytes: number;
  readonly seed: number;
}

/** A frame with an empty payload of its own memory; `sealFrame` makes it valid. */
export function allocateFrame(kind: number, payloadBytes: number): Buffer {
  const frame = Buffer.from(new ArrayBuffer(FRAME_HEAD_BYTES + payloadBytes));
  frame.writeUInt32LE(MAGIC, 0);
  frame.writeUInt32LE(payloadBytes, LENGTH_AT);
  frame.writeUInt32LE(kind, KIND_AT);
  return frame;
}

/** A frame around a JSON value. */
export function jsonFrame(kind: number, value: unknown, payloadBytes?: number): Buffer {
  const text = Buffer.from(JSON.stringify(value).padEnd(payloadBytes ?? 0));
  const frame = allocateFrame(kind, text.length);
  text.copy(frame, FRAME_HEAD_BYTES);
  return frame;
}

/** Writes number, progress and checksum into a frame whose payload is complete. */
export function sealFrame(frame: Buffer, stamp: FrameStamp): void {
  frame.writeBigUInt64LE(BigInt(stamp.sequence), SEQUENCE_AT);
  frame.writeBigUInt64LE(BigInt(stamp.durableBytes), DURABLE_AT);
  frame.writeUInt32LE(checksum(frame, stamp.seed), CRC_AT);
}

/** The seed of the frames after a head. */
export function seedOf(head: Buffer): number {
  return crc32(head);
}

/** The frame at a position, `undefined` when the bytes there are none. */
export async function readFrameAt(
  file: StoredFile,
  position: number,
  seed: number,
): Promise<Frame | undefined> {
  const head = await file.read(position, FRAME_HEAD_BYTES);
  if (head.length < FRAME_HEAD_BYTES || head.readUInt32LE(0) !== MAGIC) return undefined;
  const payloadBytes = head.readUInt32LE(LENGTH_AT);
  const endBytes = position + FRAME_HEAD_BYTES + payloadBytes;
  if (endBytes > file.sizeBytes) return undefined;
  const frame = await file.read(position, FRAME_HEAD_BYTES + payloadBytes);
  if (checksum(frame, seed) !== frame.readUInt32LE(CRC_AT)) return undefined;
  return {
    kind: frame.readUInt32LE(KIND_AT),
    sequence: Number(frame.readBigUInt64LE(SEQUENCE_AT)),
    durableBytes: Number(frame.readBigUInt64LE(DURABLE_AT)),
    payload: frame.subarray(FRAME_HEAD_BYTES),
    endBytes,
  };
}

/**
 * Whether a frame after `position` says that the bytes there were once on disk: then they are
 * damaged; without such a witness they are a write that a crash cut.
 */
export async function wasDurable(
  file: StoredFile,
  position: number,
  seed: number,
): Promise<boolean> {
  for await (const { durableBytes } of framesAfter(file, position, seed)) {
    if (durableBytes > position) return true;
  }
  return false;
}

/** The intact frames of a file that begin after a position, wherever they lie. */
export async function* framesAfter(
  file: StoredFile,
  position: number,
  seed: number,
): AsyncGenerator<Frame> {
  for (let start = position + 1; start < file.sizeBytes; start += SCAN_BYTES) {
    const bytes = await file.read(start, SCAN_BYTES + MAGIC_BYTES.length - 1);
    for (let at = bytes.indexOf(MAGIC_BYTES); at >= 0; at = bytes.indexOf(MAGIC_BYTES, at + 1)) {
      const frame = await readFrameAt(file, start + at, seed);
      if (frame !== undefined) yield frame;
    }
  }
}

function checksum(frame: Buffer, seed: number): number {
  return crc32(frame.subarray(KIND_AT), crc32(frame.subarray(0, CRC_AT), seed));
}
