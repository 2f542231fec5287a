// Copies of the stores of a folder, each as it was at one moment, made by whoever has them open: the
// process that runs on the folder, or the command when none does.

import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openSqliteEventLog, type SqlitePeerStore } from '@starling/adapters';
import type { EventLog, NewEvent } from '@starling/shared';

/** The coordinator's numbers that never fall. */
export const MARKS_FILE = 'marks.sqlite';
const PREFIX = 'copies-';
/** One append of the copied log. */
const BATCH_EVENTS = 1000;
const BATCH_BYTES = 8 << 20;

export interface OpenStores {
  /** By the name of their file. */
  readonly stores: Readonly<Record<string, SqlitePeerStore>>;
  /** A coordinator's, wherever it lies; its copy is a file of the folder's kind. */
  readonly eventLog?: EventLog;
}

/** @returns the folder with the copies, inside `home`, for the caller to remove */
export async function copyStores(home: string, open: OpenStores): Promise<string> {
  const folder = join(home, `${PREFIX}${randomBytes(8).toString('hex')}`);
  await mkdir(folder, { mode: 0o700 });
  try {
    // The marks last: what they say is never below what the log has.
    if (open.eventLog !== undefined) await copyLog(open.eventLog, join(folder, 'events.sqlite'));
    for (const [file, store] of Object.entries(open.stores)) store.copyTo(join(folder, file));
    return folder;
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/** Removes what a killed command left. */
export async function removeCopies(home: string): Promise<void> {
  for (const name of await readdir(home)) {
    if (name.startsWith(PREFIX)) await rm(join(home, name), { recursive: true, force: true });
  }
}

/** Every event up to the head of now; reading checks the chain, writing makes it anew. */
async function copyLog(from: EventLog, path: string): Promise<void> {
  const to = openSqliteEventLog(path);
  try {
    const head = await from.head();
    let batch: NewEvent[] = [];
    let batchBytes = 0;
    let copied = 0;
    const write = async (): Promise<void> => {
      if (batch.length > 0) copied = await to.append(batch, copied);
      batch = [];
      batchBytes = 0;
    };
    for await (const { atMs, payload, seq, type } of from.read(1)) {
      if (seq > head) break;
      batch.push({ atMs, payload, type });
      batchBytes += payload.byteLength;
      if (batch.length >= BATCH_EVENTS || batchBytes >= BATCH_BYTES) await write();
    }
    await write();
  } finally {
    await to.stop();
  }
}
