// The ledger of a coordinator that may or may not run: asked when it does, read when it does not.

import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { openEventLog } from './coordinator-log.ts';
import { encodeEvidence, readEvidence } from './ledger/evidence-file.ts';
import { type LedgerView, viewEvents, viewLedger } from './ledger-view.ts';
import { LocalClient } from './local-api/local-client.ts';
import { RuntimeError } from './runtime-error.ts';
import { readConfig } from './site-config.ts';

/** @throws {RuntimeError} `not-a-site` when the folder is no coordinator's */
export async function readLedger(home: string): Promise<LedgerView> {
  const running = await runningAt(home);
  const answered = running && (await orNone(running.ledger()));
  if (answered !== undefined) return answered;
  const eventLog = await openEventLog(home);
  try {
    return await viewLedger(eventLog);
  } finally {
    await eventLog.stop();
  }
}

/**
 * Replays a file that {@link exportEvidence} wrote, asking nobody.
 * @param federation - id that it must be of
 * @throws {RuntimeError} `invalid-option` for a file that is none, `request-refused`
 */
export function readLedgerFile(path: string, federation: string): Promise<LedgerView> {
  return viewEvents(readEvidence(path), federation);
}

/**
 * Writes the log of a coordinator's folder into a new file that anyone can verify.
 * @throws {RuntimeError} `not-a-site`, `invalid-option` when the file is there or cannot be written
 */
export async function exportEvidence(home: string, path: string): Promise<void> {
  const running = await runningAt(home);
  const answer = running && (await orNone(running.stream('coordinator', '/ledger/evidence')));
  if (answer !== undefined) return writeNew(path, answer);
  const eventLog = await openEventLog(home);
  try {
    await writeNew(path, encodeEvidence(eventLog.read(1)));
  } finally {
    await eventLog.stop();
  }
}

async function runningAt(home: string): Promise<LocalClient | undefined> {
  const config = await readConfig(home);
  if (config.role !== 'coordinator') {
    const how = 'the ledger lies with the coordinator; "starling ledger account" shows its own';
    throw new RuntimeError('not-a-site', `${home} is a peer's folder: ${how}`);
  }
  return LocalClient.open(home).catch(() => undefined);
}

async function orNone<T>(asked: Promise<T>): Promise<T | undefined> {
  return asked.catch((error: unknown) => {
    if (error instanceof RuntimeError && error.code === 'not-running') return undefined;
    throw error;
  });
}

async function writeNew(path: string, bytes: AsyncIterable<Uint8Array>): Promise<void> {
  try {
    await pipeline(
      Readable.from(bytes, { objectMode: false }),
      createWriteStream(path, { flags: 'wx', flush: true }),
    );
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    const message = `${path} cannot be written (${detail}): name a new file with --out`;
    throw new RuntimeError('invalid-option', message, { cause });
  }
}
