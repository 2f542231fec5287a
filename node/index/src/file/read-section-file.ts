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
 * Reads a saved index and checks every byte of it.
 *
 * @throws IndexError `missing-file`, `corrupt-file`, `newer-format`, `storage-failed`
 */
export async function readSectionFile(
  folder: string,
  options: StorageOptions = {},
): Promise<StoredIndex> {
  const path = join(folder, INDEX_FILE_NAME);
  options.signal?.throwIfAborted();
  try {
    await using file = await open(path, 'r');
    const header = await readHeader(path, file);
    return await readSections(path, file, header, options);
  } catch (cause) {
    options.signal?.throwIfAborted();
    if (cause instanceof IndexError) throw cause;
    if (cause instanceof SyntaxError) throw corrupt(path, 'its header is no JSON', cause);
    if (isMissing(cause)) {
      throw new IndexError('missing-file', `${path} is not there; save an index first`, { cause });
    }
    throw new IndexError('storage-failed', `could not read ${path}; check its rights`, { cause });
  }
}

interface Header {
  readonly head: Readonly<Record<string, unknown>>;
  readonly entries: readonly SectionEntry[];
  readonly endBytes: number;
}

async function readHeader(path: string, file: FileHandle): Promise<Header> {
  const headerBytes = decodePreamble(path, await readExactly(path, file, 0, PREAMBLE_BYTES));
  const digest = await readExactly(path, file, PREAMBLE_BYTES, DIGEST_BYTES);
  const text = await readExactly(path, file, PREAMBLE_BYTES + DIGEST_BYTES, headerBytes);
  if (sha256(text) !== digest.toString('hex')) throw corrupt(path, 'its header changed');
  const parsed: unknown = JSON.parse(text.toString());
  const { head, sections } = isRecord(parsed) ? parsed : {};
  if (!isRecord(head) || !Array.isArray(sections) || !sections.every(isSectionEntry)) {
    throw corrupt(path, 'its header lacks the head or the sections');
  }
  return { head, entries: sections, endBytes: PREAMBLE_BYTES + DIGEST_BYTES + headerBytes };
}

async function readSections(
  path: string,
  file: FileHandle,
  header: Header,
  options: StorageOptions,
): Promise<StoredIndex> {
  let position = header.endBytes;
  const expected = header.entries.reduce((sum, entry) => sum + entry.lengthBytes, position);
  const { size } = await file.stat();
  if (size !== expected) throw corrupt(path, `it has ${size} bytes instead of ${expected}`);
  const sections = new Map<string, ArrayBuffer>();
  for (const entry of header.entries) {
    options.signal?.throwIfAborted();
    const bytes = await readExactly(path, file, position, entry.lengthBytes);
    if (sha256(bytes) !== entry.sha256) throw corrupt(path, `section ${entry.name} changed`);
    sections.set(entry.name, bytes.buffer);
    position += entry.lengthBytes;
  }
  return new StoredIndex(path, header.head, sections);
}

// One read call returns 2 GiB at most.
const READ_BYTES_MAX = 1 << 26;

async function readExactly(
  path: string,
  file: FileHandle,
  position: number,
  lengthBytes: number,
): Promise<Buffer<ArrayBuffer>> {
  const bytes = Buffer.from(new ArrayBuffer(lengthBytes));
  for (let done = 0; done < lengthBytes; ) {
    const wanted = Math.min(READ_BYTES_MAX, lengthBytes - done);
    const { bytesRead } = await file.read(bytes, done, wanted, position + done);
    if (bytesRead === 0) throw corrupt(path, `it ends at byte ${position + done}`);
    done += bytesRead;
  }
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
