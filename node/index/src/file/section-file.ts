// The file format of a saved index, version 2, little-endian:
//   magic 8 bytes | version u32 | header length u32 | CRC-32 of the 16 bytes before u32
//   SHA-256 of the header, 32 bytes | header, JSON | sections, back to back
// The header lists every section with its length and SHA-256; no byte is outside a checksum. In
// version 2 the sections of a graph are regions of its memory, so opening is reading; version 1
// differs in the sections alone.

import { createHash } from 'node:crypto';
import { type FileHandle, mkdir, open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { IndexError } from '../index-error.ts';
import { INDEX_LIMITS } from '../index-limits.ts';
import type { StorageOptions } from '../vector-index.ts';

export const INDEX_FILE_NAME = 'vectors.index';
export const INDEX_FORMAT_VERSION = 2;
export const PREAMBLE_BYTES = 20;
export const DIGEST_BYTES = 32;
const MAGIC = Buffer.from('STARLIDX', 'latin1');

export interface Section {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** The entry of one section in the header. */
export interface SectionEntry {
  readonly name: string;
  readonly lengthBytes: number;
  readonly sha256: string;
}

/**
 * Writes a new file beside the old one, forces it to disk, and puts it in its place by a rename;
 * whoever reads sees the old file or the new one, never a part.
 *
 * @param head - JSON-ready facts that `readSectionFile` gives back
 * @throws IndexError `storage-failed`
 */
export async function writeSectionFile(
  folder: string,
  head: Readonly<Record<string, unknown>>,
  sections: readonly Section[],
  options: StorageOptions = {},
): Promise<void> {
  const path = join(folder, INDEX_FILE_NAME);
  const start = encodeStart(head, sections);
  options.signal?.throwIfAborted();
  try {
    await mkdir(folder, { recursive: true });
    await using file = await open(`${path}.new`, 'w');
    for (const bytes of [start, ...sections.map((section) => section.bytes)]) {
      options.signal?.throwIfAborted();
      await file.appendFile(bytes);
    }
    await file.sync();
    await rename(`${path}.new`, path);
    await syncFolder(folder);
  } catch (cause) {
    options.signal?.throwIfAborted();
    throw new IndexError(
      'storage-failed',
      `could not save the index to ${path}; the file saved before is intact, ` +
        'check space and rights',
      { cause },
    );
  }
}

/** The SHA-256 of some bytes in hexadecimal. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/**
 * Reads the version and the length of the header out of the preamble.
 *
 * @throws IndexError `corrupt-file`, `newer-format`
 */
export function decodePreamble(
  path: string,
  preamble: Buffer,
): { readonly version: number; readonly headerBytes: number } {
  const checked = preamble.subarray(0, PREAMBLE_BYTES - 4);
  const intact =
    preamble.length === PREAMBLE_BYTES &&
    checked.subarray(0, MAGIC.length).equals(MAGIC) &&
    crc32(checked) === preamble.readUInt32LE(PREAMBLE_BYTES - 4);
  if (!intact) throw corrupt(path, 'its first bytes are not those of an index');
  const version = checked.readUInt32LE(MAGIC.length);
  if (version > INDEX_FORMAT_VERSION) {
    throw new IndexError(
      'newer-format',
      `${path} has format ${version}, this version reads up to ${INDEX_FORMAT_VERSION}; ` +
        'update Starling, or build the index anew from its documents',
    );
  }
  const headerBytes = checked.readUInt32LE(MAGIC.length + 4);
  if (version < 1 || headerBytes > INDEX_LIMITS.headerBytesMax) {
    throw corrupt(path, `it names version ${version} and a header of ${headerBytes} bytes`);
  }
  return { version, headerBytes };
}

/** The error for a file that cannot be trusted. */
export function corrupt(path: string, detail: string, cause?: unknown): IndexError {
  return new IndexError(
    'corrupt-file',
    `${path} is damaged: ${detail}; restore it from a copy or build the index anew`,
    { cause },
  );
}

function encodeStart(head: Readonly<Record<string, unknown>>, sections: readonly Section[]) {
  const entries: SectionEntry[] = sections.map(({ name, bytes }) => {
    return { name, lengthBytes: bytes.byteLength, sha256: sha256(bytes) };
  });
  const header = Buffer.from(JSON.stringify({ head, sections: entries }));
  const preamble = Buffer.alloc(PREAMBLE_BYTES);
  MAGIC.copy(preamble);
  preamble.writeUInt32LE(INDEX_FORMAT_VERSION, MAGIC.length);
  preamble.writeUInt32LE(header.length, MAGIC.length + 4);
  preamble.writeUInt32LE(crc32(preamble.subarray(0, PREAMBLE_BYTES - 4)), PREAMBLE_BYTES - 4);
  return Buffer.concat([preamble, Buffer.from(sha256(header), 'hex'), header]);
}

// A rename is on disk only when the folder is. Windows cannot open folders and needs no sync.
async function syncFolder(folder: string): Promise<void> {
  let handle: FileHandle;
  try {
    handle = await open(folder, 'r');
  } catch (error) {
    if (process.platform === 'win32') return;
    throw error;
  }
  await using file = handle;
  await file.sync();
}
