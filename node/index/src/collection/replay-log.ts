// Reads the log files of a collection back. A record that a crash cut ends the log; a damaged one
// is an error. They are told apart by witnesses: a later frame of the file that says that the bytes
// were on disk, or a next file that begins after more records than this one holds.

import { join } from 'node:path';
import { corrupt } from '../file/section-file.ts';
import { IndexError } from '../index-error.ts';
import { FRAME_KINDS, type Frame, readFrameAt, wasDurable } from './frame.ts';
import { LOG_HEAD_BYTES, type LogHead, logName, logNumberOf, readLogHead } from './log-file.ts';
import type { CollectionStorage, StoredFile } from './storage.ts';
import { onDisk } from './storage-error.ts';
import type { LogPosition } from './write-ahead-log.ts';

/** One record of the log that is not in the segments yet. */
export interface LogRecord {
  readonly path: string;
  readonly startBytes: number;
  readonly frame: Frame;
}

export interface ReplayStart {
  /** The first log file that holds records which the segments lack. */
  readonly number: number;
  /** The last sequence number that the segments hold. */
  readonly sequence: number;
}

/**
 * Hands every record after `start` to `apply`, in order, and says where writing goes on.
 *
 * @throws IndexError `corrupt-file`, `missing-file`, `newer-format`, `storage-failed`
 */
export async function replayLog(
  storage: CollectionStorage,
  folder: string,
  start: ReplayStart,
  apply: (record: LogRecord) => Promise<void>,
): Promise<LogPosition> {
  const logs: OpenLog[] = [];
  try {
    await openLogs(storage, folder, start.number, logs);
    let position: LogPosition | undefined;
    for (const [i, log] of logs.entries()) {
      checkOrder(log, position, start);
      position = await replayFile(log, logs[i + 1], start.sequence, apply);
      // What follows was begun by a rotation that failed or that a crash cut; it holds nothing.
      const next = logs[i + 1];
      if (next !== undefined && isLeftOver(next, position.sequence)) break;
    }
    if (position === undefined) throw missingLog(join(folder, logName(start.number)));
    return position;
  } finally {
    for (const log of logs) await log.file.close();
  }
}

/** Whether a folder without a manifest holds log records, which then must not be overwritten. */
export async function hasLogRecords(storage: CollectionStorage, folder: string): Promise<boolean> {
  for (const name of await storage.list(folder)) {
    if (logNumberOf(name) === undefined) continue;
    const file = await storage.openToRead(join(folder, name));
    const sizeBytes = file?.sizeBytes ?? 0;
    await file?.close();
    if (sizeBytes > LOG_HEAD_BYTES) return true;
  }
  return false;
}

interface OpenLog {
  readonly path: string;
  readonly number: number;
  readonly file: StoredFile;
  readonly seed: number;
  readonly afterSequence: number;
}

/** The log files from `first` on that have a whole head, without a gap between their numbers. */
async function openLogs(
  storage: CollectionStorage,
  folder: string,
  first: number,
  logs: OpenLog[],
): Promise<void> {
  const names = await onDisk(`list ${folder}`, () => storage.list(folder));
  const numbers = names.map(logNumberOf).filter((number) => number !== undefined);
  const wanted = numbers.filter((number) => number >= first).sort((a, b) => a - b);
  for (const [i, number] of wanted.entries()) {
    const path = join(folder, logName(number));
    if (number !== first + i) throw missingLog(join(folder, logName(first + i)));
    const file = await onDisk(`read ${path}`, () => storage.openToRead(path));
    if (file === undefined) throw missingLog(path);
    const head = await readHead(path, file, number);
    if (head !== undefined) logs.push({ path, number, file, ...head });
    else if (i === 0 || i < wanted.length - 1) {
      throw corrupt(path, `it ends at byte ${file.sizeBytes}, within its head`);
    }
  }
}

async function readHead(path: string, file: StoredFile, number: number) {
  let head: LogHead | undefined;
  try {
    head = await onDisk(`read ${path}`, () => readLogHead(path, file, number));
    return head;
  } finally {
    if (head === undefined) await file.close();
  }
}

function checkOrder(log: OpenLog, before: LogPosition | undefined, start: ReplayStart): void {
  const last = before?.sequence ?? start.sequence;
  if (log.afterSequence === last) return;
  throw corrupt(log.path, `it goes on after record ${log.afterSequence} instead of ${last}`);
}

async function replayFile(
  log: OpenLog,
  next: OpenLog | undefined,
  fromSequence: number,
  apply: (record: LogRecord) => Promise<void>,
): Promise<LogPosition> {
  const { file, number, path, seed } = log;
  let sequence = log.afterSequence;
  let at = LOG_HEAD_BYTES;
  while (at < file.sizeBytes) {
    const startBytes = at;
    const frame = await onDisk(`read ${path}`, () => readFrameAt(file, startBytes, seed));
    if (frame === undefined) {
      const isDamage = (next?.afterSequence ?? 0) > sequence || (await wasDurable(file, at, seed));
      if (isDamage) throw corrupt(path, `the record at byte ${at} changed`);
      break;
    }
    if (frame.kind !== FRAME_KINDS.mark) {
      if (frame.sequence !== sequence + 1) {
        throw corrupt(path, `the record at byte ${at} is ${frame.sequence}, not ${sequence + 1}`);
      }
      sequence = frame.sequence;
      if (sequence > fromSequence) await apply({ path, startBytes, frame });
    }
    at = frame.endBytes;
  }
  return { number, seed, lengthBytes: at, sequence };
}

function isLeftOver(log: OpenLog, sequence: number): boolean {
  return log.afterSequence < sequence && log.file.sizeBytes <= LOG_HEAD_BYTES;
}

function missingLog(path: string): IndexError {
  return new IndexError('missing-file', `${path} is not there; restore the folder from a copy`);
}
