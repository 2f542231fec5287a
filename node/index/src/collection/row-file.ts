// A row file keeps what a segment knows beside its index: metadata, or the ids deleted since the
// index was written. A head frame names the kind, block frames hold JSON lists, an end frame counts.

import { corrupt } from '../file/section-file.ts';
import { IndexError } from '../index-error.ts';
import { FRAME_KINDS, type Frame, jsonFrame, readFrameAt, sealFrame, seedOf } from './frame.ts';
import type { CollectionStorage, StoredFile } from './storage.ts';
import { onDisk } from './storage-error.ts';

const ROW_FILE_FORMAT_VERSION = 1;
const BLOCK_ROWS = 1_000;

export type RowFileKind = 'metadata' | 'deleted' | 'workload';

/** Writes rows, each JSON-ready, into a new file; on disk when it resolves, but for its name. */
export async function writeRowFile(
  storage: CollectionStorage,
  path: string,
  kind: RowFileKind,
  rows: readonly unknown[],
): Promise<void> {
  await onDisk(`write ${path}`, async () => {
    const file = await storage.openToAppend(path, 'create');
    try {
      const head = jsonFrame(FRAME_KINDS.head, { format: ROW_FILE_FORMAT_VERSION, kind });
      sealFrame(head, { sequence: 0, durableBytes: 0, seed: 0 });
      await file.append(head);
      const seed = seedOf(head);
      let sequence = 0;
      for (let start = 0; start < rows.length; start += BLOCK_ROWS) {
        const block = jsonFrame(FRAME_KINDS.block, rows.slice(start, start + BLOCK_ROWS));
        sealFrame(block, { sequence: ++sequence, durableBytes: 0, seed });
        await file.append(block);
      }
      const end = jsonFrame(FRAME_KINDS.end, { rows: rows.length });
      sealFrame(end, { sequence: ++sequence, durableBytes: 0, seed });
      await file.append(end);
      await file.sync();
    } finally {
      await file.close();
    }
  });
}

/**
 * Reads all rows of a file after checking every byte of it.
 *
 * @throws IndexError `missing-file`, `corrupt-file`, `newer-format`, `storage-failed`
 */
export async function readRowFile(
  storage: CollectionStorage,
  path: string,
  kind: RowFileKind,
): Promise<readonly unknown[]> {
  const file = await onDisk(`read ${path}`, () => storage.openToRead(path));
  if (file === undefined) {
    throw new IndexError('missing-file', `${path} is not there; restore the folder from a copy`);
  }
  try {
    return await onDisk(`read ${path}`, () => readRows(path, file, kind));
  } finally {
    await file.close();
  }
}

async function readRows(path: string, file: StoredFile, kind: RowFileKind): Promise<unknown[]> {
  const head = await frameAt(path, file, 0, 0);
  const content = JSON.parse(head.payload.toString());
  if (content.format > ROW_FILE_FORMAT_VERSION) {
    throw new IndexError(
      'newer-format',
      `${path} has format ${content.format}, this version reads up to ` +
        `${ROW_FILE_FORMAT_VERSION}; update Starling`,
    );
  }
  if (content.kind !== kind) throw corrupt(path, `it is of the kind '${content.kind}'`);
  const seed = seedOf(await file.read(0, head.endBytes));
  const rows: unknown[] = [];
  for (let at = head.endBytes, sequence = 1; ; sequence++) {
    const frame = await frameAt(path, file, at, seed);
    if (frame.sequence !== sequence) throw corrupt(path, `a block before byte ${at} is missing`);
    const value = JSON.parse(frame.payload.toString());
    if (frame.kind === FRAME_KINDS.end) {
      const isWhole = value.rows === rows.length && frame.endBytes === file.sizeBytes;
      if (!isWhole) throw corrupt(path, `it does not end at byte ${frame.endBytes}`);
      return rows;
    }
    for (const row of value) rows.push(row);
    at = frame.endBytes;
  }
}

async function frameAt(path: string, file: StoredFile, at: number, seed: number): Promise<Frame> {
  const frame = await readFrameAt(file, at, seed);
  if (frame === undefined) throw corrupt(path, `the block at byte ${at} changed`);
  return frame;
}
