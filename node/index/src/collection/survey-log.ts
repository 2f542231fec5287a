// Looks through the log files and goes on after damage, so that it can say what lies beyond it.

import { join } from 'node:path';
import { IndexError } from '../index-error.ts';
import { FRAME_KINDS, framesAfter, readFrameAt, wasDurable } from './frame.ts';
import {
  encodeLogHead,
  LOG_HEAD_BYTES,
  type LogHead,
  logName,
  logNumberOf,
  readLogHead,
} from './log-file.ts';
import type { ReplayStart } from './replay-log.ts';
import type { CollectionStorage, StoredFile } from './storage.ts';
import { onDisk } from './storage-error.ts';

export interface LogDamage {
  readonly name: string;
  readonly number: number;
  /** A missing file, a changed head, or a changed record. */
  readonly what: 'missing' | 'head' | 'record';
  readonly offsetBytes: number;
  /** The last record before the damage. */
  readonly sequence: number;
  /** Records from the damage on that were written, here and later; undefined when nothing tells. */
  readonly lostRecords: number | undefined;
  /** A head for the file that goes on after `sequence`. */
  readonly head: Buffer;
  /** Whether records that the file holds were written under that head. */
  readonly isHeadRight: boolean;
  /** Later log files, which cannot be replayed without the damaged one. */
  readonly laterNames: readonly string[];
}

/** Whether a damage of the log can be mended without giving records up. */
export function isLossless({ isHeadRight, lostRecords, what }: LogDamage): boolean {
  return lostRecords === 0 || (what === 'head' && isHeadRight);
}

export interface LogSurvey {
  readonly files: number;
  readonly bytes: number;
  /** Whole records that the segments lack, up to the damage. */
  readonly records: number;
  /** Bytes at the end of a write that a crash cut: it was never acknowledged as synced. */
  readonly tornBytes: number;
  readonly damage: LogDamage | undefined;
}

/**
 * Checks every frame of the log files from `start` on, up to the first damage.
 *
 * @throws IndexError `newer-format`, `storage-failed`
 */
export async function surveyLog(
  storage: CollectionStorage,
  folder: string,
  start: ReplayStart,
): Promise<LogSurvey> {
  const logs: OpenLog[] = [];
  try {
    await openLogs(storage, folder, start.number, logs);
    let { sequence } = start;
    let records = 0;
    let tornBytes = 0;
    const bytes = logs.reduce((sum, { file }) => sum + file.sizeBytes, 0);
    const end = (damage?: LogDamage) => ({ files: logs.length, bytes, records, tornBytes, damage });
    const expected = (i: number) => start.number + i;
    if (logs.length === 0) return end(await missingDamage(start.number, sequence, []));
    for (const [i, log] of logs.entries()) {
      const rest = logs.slice(i + 1);
      if (log.number !== expected(i)) {
        return end(await missingDamage(expected(i), sequence, [log, ...rest]));
      }
      const head = headOf(log, sequence, rest.length === 0 && i > 0);
      if (head === 'cut') break;
      if (head === 'left-over') break;
      if (head === 'changed') return end(await headDamage(log, sequence, rest));
      const walked = await walk(log.file, head, rest[0]?.head?.afterSequence ?? 0);
      records += Math.max(0, walked.sequence - Math.max(sequence, start.sequence));
      sequence = walked.sequence;
      if (walked.isDamaged) {
        return end(await recordDamage(log, head.seed, walked, rest));
      }
      tornBytes += log.file.sizeBytes - walked.endBytes;
    }
    return end();
  } finally {
    for (const { file } of logs) await file.close();
  }
}

interface OpenLog {
  readonly name: string;
  readonly number: number;
  readonly file: StoredFile;
  /** Left out when it cannot be read. */
  readonly head: LogHead | undefined;
  readonly isHeadCut: boolean;
}

async function openLogs(
  storage: CollectionStorage,
  folder: string,
  first: number,
  logs: OpenLog[],
): Promise<void> {
  const names = await onDisk(`list ${folder}`, () => storage.list(folder));
  const numbers = names.map(logNumberOf).filter((number) => number !== undefined);
  for (const number of numbers.filter((each) => each >= first).sort((a, b) => a - b)) {
    const name = logName(number);
    const path = join(folder, name);
    const file = await onDisk(`read ${path}`, () => storage.openToRead(path));
    if (file === undefined) continue;
    const read = await onDisk(`read ${path}`, () => readHeadOf(path, file, number));
    logs.push({ name, number, file, ...read });
  }
}

async function readHeadOf(path: string, file: StoredFile, number: number) {
  try {
    const head = await readLogHead(path, file, number);
    return { head, isHeadCut: head === undefined };
  } catch (error) {
    if (!(error instanceof IndexError) || error.code !== 'corrupt-file') throw error;
    return { head: undefined, isHeadCut: false };
  }
}

function headOf(log: OpenLog, sequence: number, mayBeCut: boolean) {
  const { file, head, isHeadCut } = log;
  if (head === undefined) return isHeadCut && mayBeCut ? 'cut' : 'changed';
  if (head.afterSequence === sequence) return head;
  const isLeftOver = head.afterSequence < sequence && file.sizeBytes <= LOG_HEAD_BYTES;
  return isLeftOver ? 'left-over' : 'changed';
}

interface Walk {
  /** Behind the last whole frame. */
  readonly endBytes: number;
  readonly sequence: number;
  readonly isDamaged: boolean;
}

async function walk(file: StoredFile, head: LogHead, nextAfter: number): Promise<Walk> {
  let sequence = head.afterSequence;
  let at = LOG_HEAD_BYTES;
  while (at < file.sizeBytes) {
    const frame = await readFrameAt(file, at, head.seed);
    if (frame === undefined) {
      const isDamaged = nextAfter > sequence || (await wasDurable(file, at, head.seed));
      return { endBytes: at, sequence, isDamaged };
    }
    if (frame.kind !== FRAME_KINDS.mark) {
      if (frame.sequence !== sequence + 1) return { endBytes: at, sequence, isDamaged: true };
      sequence = frame.sequence;
    }
    at = frame.endBytes;
  }
  return { endBytes: at, sequence, isDamaged: false };
}

async function recordDamage(
  log: OpenLog,
  seed: number,
  { endBytes, sequence }: Walk,
  rest: readonly OpenLog[],
): Promise<LogDamage> {
  let last = sequence;
  for await (const frame of framesAfter(log.file, endBytes, seed)) {
    last = Math.max(last, frame.sequence);
  }
  last = Math.max(last, await lastSequenceOf(rest));
  return damageOf(log, 'record', endBytes, sequence, last - sequence, true, rest);
}

// A head holds the number of the file and of the record before it: both are known.
async function headDamage(
  log: OpenLog,
  sequence: number,
  rest: readonly OpenLog[],
): Promise<LogDamage> {
  if (log.head !== undefined) {
    const last = Math.max(sequence, await lastSequenceOf([log, ...rest]));
    return damageOf(log, 'head', 0, sequence, last - sequence, false, rest);
  }
  const { seed } = encodeLogHead(log.number, sequence);
  let last = sequence;
  let isRight = log.file.sizeBytes <= LOG_HEAD_BYTES;
  for await (const frame of framesAfter(log.file, LOG_HEAD_BYTES - 1, seed)) {
    isRight = true;
    last = Math.max(last, frame.sequence);
  }
  last = Math.max(last, await lastSequenceOf(rest));
  const first = await readFrameAt(log.file, LOG_HEAD_BYTES, seed);
  const isLossless = isRight && (first !== undefined || log.file.sizeBytes <= LOG_HEAD_BYTES);
  const isKnown = isRight || rest.length > 0;
  const lost = isKnown ? last - sequence : undefined;
  return damageOf(log, 'head', 0, sequence, isLossless ? 0 : lost, isRight, rest);
}

async function lastSequenceOf(logs: readonly OpenLog[]): Promise<number> {
  let last = 0;
  for (const { file, head } of logs) {
    if (head === undefined) continue;
    last = Math.max(last, head.afterSequence);
    for await (const frame of framesAfter(file, LOG_HEAD_BYTES - 1, head.seed)) {
      last = Math.max(last, frame.sequence);
    }
  }
  return last;
}

async function missingDamage(
  number: number,
  sequence: number,
  rest: readonly OpenLog[],
): Promise<LogDamage> {
  const next = rest.length > 0 ? await lastSequenceOf(rest) : undefined;
  const lost = next === undefined ? undefined : Math.max(0, next - sequence);
  const log = { name: logName(number), number };
  return damageOf(log, 'missing', 0, sequence, lost, false, rest);
}

function damageOf(
  { name, number }: Pick<OpenLog, 'name' | 'number'>,
  what: LogDamage['what'],
  offsetBytes: number,
  sequence: number,
  lostRecords: number | undefined,
  isHeadRight: boolean,
  rest: readonly OpenLog[],
): LogDamage {
  const laterNames = rest.map((each) => each.name);
  const { bytes: head } = encodeLogHead(number, sequence);
  const place = { name, number, what, offsetBytes, sequence };
  return { ...place, lostRecords, head, isHeadRight, laterNames };
}
