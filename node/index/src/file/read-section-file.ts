import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { IndexError } from '../index-error.ts';
import type { StorageOptions } from '../vector-index.ts';
import {
  corrupt,
  DIGEST_BYTES,
  decodePreamble,
  INDEX_FILE_NAME,
  PREAMBLE_BYTES,
  type SectionEntry,
  sha256,
} from './section-file.ts';
import { StoredIndex } from './stored-index.ts';

/**
 * Says where the sections of a file shall go once its header is known: into the bytes returned for
 * a name, which must be as long as the section, or into memory of their own.
 *
 * @throws whatever speaks against the header
 */
export type Placing = (
  stored: StoredIndex,
) => ((name: string, lengthBytes: number) => Uint8Array | undefined) | undefined;

/**
 * Reads a saved index and checks every byte of it.
 *
 * @throws IndexError `missing-file`, `corrupt-file`, `newer-format`, `storage-failed`
 */
export async function readSectionFile(
  folder: string,
  options: StorageOptions = {},
  placing: Placing = () => undefined,
): Promise<StoredIndex> {
  const path = join(folder, INDEX_FILE_NAME);
  options.signal?.throwIfAborted();
  try {
    await using file = await open(path, 'r');
    const header = await readHeader(path, file);
    return await readSections(path, file, header, options, placing);
  } catch (cause) {
    options.signal?.throwIfAborted();
    if (cause instanceof IndexError) throw cause;
    if (isMissing(cause)) {
      throw new IndexError('missing-file', `${path} is not there; save an index first`, { cause });
    }
    throw new IndexError('storage-failed', `could not read ${path}; check its rights`, { cause });
  }
}

interface Header extends HeaderContent {
  readonly version: number;
  readonly endBytes: number;
}

/** What the header of a file says. */
export interface HeaderContent {
  readonly head: Readonly<Record<string, unknown>>;
  readonly entries: readonly SectionEntry[];
}

/**
 * Reads a header whose checksum holds.
 *
 * @throws IndexError `corrupt-file`
 */
export function decodeHeader(path: string, text: string): HeaderContent {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw corrupt(path, 'its header is no JSON', cause);
  }
  const { head, sections } = isRecord(parsed) ? parsed : {};
  if (!isRecord(head) || !Array.isArray(sections) || !sections.every(isSectionEntry)) {
    throw corrupt(path, 'its header lacks the head or the sections');
  }
  return { head, entries: sections };
}

async function readHeader(path: string, file: FileHandle): Promise<Header> {
  const preamble = await readExactly(path, file, 0, PREAMBLE_BYTES);
  const { headerBytes, version } = decodePreamble(path, preamble);
  const digest = await readExactly(path, file, PREAMBLE_BYTES, DIGEST_BYTES);
  const text = await readExactly(path, file, PREAMBLE_BYTES + DIGEST_BYTES, headerBytes);
  if (sha256(text) !== digest.toString('hex')) throw corrupt(path, 'its header changed');
  const endBytes = PREAMBLE_BYTES + DIGEST_BYTES + headerBytes;
  return { version, ...decodeHeader(path, text.toString()), endBytes };
}

async function readSections(
  path: string,
  file: FileHandle,
  header: Header,
  options: StorageOptions,
  placing: Placing,
): Promise<StoredIndex> {
  let position = header.endBytes;
  const expected = header.entries.reduce((sum, entry) => sum + entry.lengthBytes, position);
  const { size } = await file.stat();
  if (size !== expected) throw corrupt(path, `it has ${size} bytes instead of ${expected}`);
  const sections = new Map<string, Uint8Array>();
  const stored = new StoredIndex(path, header.version, header.head, sections);
  const place = stored.decode(placing);
  for (const { lengthBytes, name, sha256: digest } of header.entries) {
    const bytes = place?.(name, lengthBytes) ?? new Uint8Array(lengthBytes);
    const isLong = bytes.length === lengthBytes;
    if (!isLong) throw corrupt(path, `section ${name} has ${lengthBytes} bytes`);
    const found = await readInto(path, file, position, bytes, options);
    if (found !== digest) throw corrupt(path, `section ${name} changed`);
    sections.set(name, bytes);
    position += lengthBytes;
  }
  return stored;
}

// Between two of them the event loop turns.
const CHUNK_BYTES = 1 << 23;

/** Fills `bytes` from a position of the file; returns their SHA-256. */
async function readInto(
  path: string,
  file: FileHandle,
  position: number,
  bytes: Uint8Array,
  options: StorageOptions,
): Promise<string> {
  const hash = createHash('sha256');
  for (let done = 0; done < bytes.length; ) {
    options.signal?.throwIfAborted();
    const wanted = Math.min(CHUNK_BYTES, bytes.length - done);
    const { bytesRead } = await file.read(bytes, done, wanted, position + done);
    if (bytesRead === 0) throw corrupt(path, `it ends at byte ${position + done}`);
    hash.update(bytes.subarray(done, done + bytesRead));
    done += bytesRead;
  }
  return hash.digest('hex');
}

async function readExactly(
  path: string,
  file: FileHandle,
  position: number,
  lengthBytes: number,
): Promise<Buffer<ArrayBuffer>> {
  const bytes = Buffer.alloc(lengthBytes);
  await readInto(path, file, position, bytes, {});
  return bytes;
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSectionEntry(value: unknown): value is SectionEntry {
  if (!isRecord(value)) return false;
  const { lengthBytes, name, sha256: digest } = value;
  const named = typeof name === 'string' && typeof digest === 'string';
  return named && Number.isSafeInteger(lengthBytes) && Number(lengthBytes) >= 0;
}
