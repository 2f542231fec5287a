// A stream of bytes as AES-256-GCM frames under one fresh key (the STREAM construction of Hoang,
// Reyhanitabar, Rogaway and Vizár, 2015): the IV is the frame's number, and the last one says that it
// is, so that frames that were cut off, swapped or repeated do not open.

import { createCipheriv, createDecipheriv } from 'node:crypto';

export const FRAME_BYTES = 1 << 20;
const CIPHER = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;
const BOX_BYTES = FRAME_BYTES + TAG_BYTES;

/** @param key 32 bytes that seal nothing else @param bound what the frames belong to */
export async function* sealFrames(
  key: Uint8Array,
  bound: Uint8Array,
  chunks: AsyncIterable<Uint8Array>,
): AsyncIterable<Uint8Array> {
  let number = 0;
  for await (const { bytes, isLast } of framed(chunks, FRAME_BYTES)) {
    const cipher = createCipheriv(CIPHER, key, ivOf(number++, isLast));
    cipher.setAAD(bound);
    yield Buffer.concat([cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
  }
}

/** @throws {TypeError} for anything that {@link sealFrames} did not write whole, under this key */
export async function* openFrames(
  key: Uint8Array,
  bound: Uint8Array,
  chunks: AsyncIterable<Uint8Array>,
): AsyncIterable<Uint8Array> {
  let number = 0;
  for await (const { bytes, isLast } of framed(chunks, BOX_BYTES)) {
    const end = bytes.byteLength - TAG_BYTES;
    if (end < 0) throw new TypeError('it ends in the middle');
    const decipher = createDecipheriv(CIPHER, key, ivOf(number, isLast));
    decipher.setAAD(bound);
    decipher.setAuthTag(bytes.subarray(end));
    let plain: Buffer;
    try {
      plain = Buffer.concat([decipher.update(bytes.subarray(0, end)), decipher.final()]);
    } catch (cause) {
      throw new TypeError(`it was cut off or changed in frame ${number}`, { cause });
    }
    number++;
    yield plain;
  }
}

function ivOf(number: number, isLast: boolean): Uint8Array {
  const iv = Buffer.alloc(IV_BYTES);
  iv.writeUInt32BE(number, IV_BYTES - 4);
  iv[0] = isLast ? 1 : 0;
  return iv;
}

/** Pieces of `size` bytes; the last one, which may be empty, is marked. */
async function* framed(chunks: AsyncIterable<Uint8Array>, size: number) {
  let waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  for await (const chunk of chunks) {
    waiting.push(chunk);
    waitingBytes += chunk.byteLength;
    if (waitingBytes <= size) continue;
    const all = Buffer.concat(waiting);
    let from = 0;
    // One piece is kept back: what comes last is known at the end only.
    for (; all.byteLength - from > size; from += size) {
      yield { bytes: all.subarray(from, from + size), isLast: false };
    }
    waiting = [all.subarray(from)];
    waitingBytes = all.byteLength - from;
  }
  yield { bytes: Buffer.concat(waiting), isLast: true };
}
