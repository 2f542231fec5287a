// Looks through an index file section by section and goes on after a damaged one, so that what is
// left can be used.

import { createHash } from 'node:crypto';
import { decodeHeader } from '../file/read-section-file.ts';
import { DIGEST_BYTES, decodePreamble, PREAMBLE_BYTES, sha256 } from '../file/section-file.ts';
import { StoredIndex } from '../file/stored-index.ts';
import { IndexError } from '../index-error.ts';
import type { StoredFile } from './storage.ts';

/** One section as it is on disk. */
export interface SectionSurvey {
  readonly name: string;
  readonly offsetBytes: number;
  readonly lengthBytes: number;
  readonly isIntact: boolean;
}

export interface IndexFileSurvey {
  readonly sizeBytes: number;
  /** What is wrong outside of the sections; without a header there are none. */
  readonly problem: { readonly detail: string; readonly offsetBytes: number } | undefined;
  readonly sections: readonly SectionSurvey[];
  /** The header with the sections that were kept; left out when the header is damaged. */
  readonly stored: StoredIndex | undefined;
}

/** Sections that only describe links: from all others a graph can be built anew. */
export const LINK_SECTIONS: ReadonlySet<string> = new Set([
  ...['links', 'degrees', 'diverse-degrees', 'layer-counts', 'parents', 'upper-offsets', 'upper'],
]);

const CHUNK_BYTES = 1 << 23;

/**
 * Checks every section of an index file.
 *
 * @param keeps - the sections whose bytes are wanted
 * @throws IndexError `newer-format`
 */
export async function surveyIndexFile(
  path: string,
  file: StoredFile,
  keeps: (name: string) => boolean = () => false,
  signal?: AbortSignal,
): Promise<IndexFileSurvey> {
  const { sizeBytes } = file;
  const header = await readHeader(path, file);
  if ('problem' in header) {
    return { sizeBytes, problem: header.problem, sections: [], stored: undefined };
  }
  const { content, version } = header;
  const sections: SectionSurvey[] = [];
  const kept = new Map<string, Uint8Array>();
  let offsetBytes = header.endBytes;
  for (const { lengthBytes, name, sha256: digest } of content.entries) {
    const bytes = keeps(name) ? new Uint8Array(lengthBytes) : undefined;
    const found = await digestOf(file, offsetBytes, lengthBytes, bytes, signal);
    const isIntact = found === digest;
    sections.push({ name, offsetBytes, lengthBytes, isIntact });
    if (isIntact && bytes !== undefined) kept.set(name, bytes);
    offsetBytes += lengthBytes;
  }
  const problem =
    sizeBytes > offsetBytes
      ? { detail: `${sizeBytes - offsetBytes} bytes follow its end`, offsetBytes }
      : undefined;
  const stored = new StoredIndex(path, version, content.head, kept);
  return { sizeBytes, problem, sections, stored };
}

async function readHeader(path: string, file: StoredFile) {
  try {
    const preamble = await file.read(0, PREAMBLE_BYTES);
    const { headerBytes, version } = decodePreamble(path, preamble);
    const digest = await file.read(PREAMBLE_BYTES, DIGEST_BYTES);
    const text = await file.read(PREAMBLE_BYTES + DIGEST_BYTES, headerBytes);
    if (sha256(text) !== digest.toString('hex')) {
      return { problem: { detail: 'its header changed', offsetBytes: PREAMBLE_BYTES } };
    }
    const endBytes = PREAMBLE_BYTES + DIGEST_BYTES + headerBytes;
    return { version, content: decodeHeader(path, text.toString()), endBytes };
  } catch (error) {
    if (!(error instanceof IndexError) || error.code !== 'corrupt-file') throw error;
    return { problem: { detail: 'its first bytes are not those of an index', offsetBytes: 0 } };
  }
}

/** The SHA-256 of a part of a file, whose bytes are copied to `target` when there is one. */
async function digestOf(
  file: StoredFile,
  offsetBytes: number,
  lengthBytes: number,
  target: Uint8Array | undefined,
  signal: AbortSignal | undefined,
): Promise<string> {
  const hash = createHash('sha256');
  for (let done = 0; done < lengthBytes; ) {
    signal?.throwIfAborted();
    const bytes = await file.read(offsetBytes + done, Math.min(CHUNK_BYTES, lengthBytes - done));
    if (bytes.length === 0) break;
    hash.update(bytes);
    target?.set(bytes, done);
    done += bytes.length;
  }
  return hash.digest('hex');
}
