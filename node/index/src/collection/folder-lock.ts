// One process per folder. The lock is a file that names its holder, put in place whole by `link`,
// which fails when the name is taken. A killed holder leaves it behind; whoever finds it dead takes
// it over, after locking the takeover of exactly that hold in the same way: two who find the same
// dead holder cannot both succeed, and one who dies in between is itself taken over.

import { randomBytes } from 'node:crypto';
import { link, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { IndexError } from '../index-error.ts';
import { type LockHolder, mayBeAlive, parseHolder, thisProcess } from './lock-holder.ts';
import type { FolderLock } from './storage.ts';
import { onDisk } from './storage-error.ts';

const LOCK_NAME = 'LOCK';
/** Attempts while others release the lock under our eyes. */
const ATTEMPTS_MAX = 100;

/**
 * Locks a folder for this process until `release` or its death.
 *
 * @throws IndexError `collection-locked` with the number of the process that holds it,
 *   `missing-file` when there is no such folder, `storage-failed`
 */
export async function lockFolder(folder: string): Promise<FolderLock> {
  const path = join(folder, LOCK_NAME);
  const holder = await thisProcess(randomBytes(16).toString('hex'));
  const draft = `${path}.${holder.token}.new`;
  return onDisk(`lock ${folder}`, async () => {
    try {
      await writeDraft(folder, draft, holder);
      await acquire(path, draft);
      await removeLeftOvers(folder);
    } finally {
      await rm(draft, { force: true });
    }
    return { release: () => release(path, holder) };
  });
}

async function writeDraft(folder: string, draft: string, holder: LockHolder): Promise<void> {
  try {
    await using file = await open(draft, 'wx');
    await file.writeFile(`${JSON.stringify(holder)}\n`);
    await file.sync();
  } catch (cause) {
    if (codeOf(cause) !== 'ENOENT') throw cause;
    const message = `${folder} is not there; name a dimension to create a collection`;
    throw new IndexError('missing-file', message, { cause });
  }
}

async function acquire(path: string, draft: string): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    if (await succeeds(link(draft, path), 'EEXIST')) return;
    const dead = await deadHolder(path);
    if (dead === undefined) continue;
    const claim = `${path}.${dead.token}`;
    await acquire(claim, draft);
    try {
      // Whoever took over before us has removed its claim only after the lock changed.
      const current = await holderOf(path);
      if (tokenOf(current) !== dead.token) continue;
      const copy = `${draft}.over`;
      await link(draft, copy);
      await rename(copy, path);
      return;
    } finally {
      await rm(claim, { force: true });
    }
  }
  throw lockedBy(path, undefined);
}

/** The holder of a lock when it is dead, `undefined` when the lock is gone. */
async function deadHolder(path: string): Promise<LockHolder | undefined> {
  const holder = await holderOf(path);
  if (holder === undefined) return undefined;
  if (holder === 'unreadable') throw lockedBy(path, undefined);
  if (await mayBeAlive(holder)) throw lockedBy(path, holder);
  return holder;
}

async function holderOf(path: string): Promise<LockHolder | 'unreadable' | undefined> {
  try {
    return parseHolder(await readFile(path, 'utf8')) ?? 'unreadable';
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function release(path: string, holder: LockHolder): Promise<void> {
  await onDisk(`unlock ${path}`, async () => {
    if (tokenOf(await holderOf(path)) === holder.token) await rm(path, { force: true });
  });
}

/** Removes claims and drafts of processes that died while locking; only the holder may. */
async function removeLeftOvers(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    if (/^LOCK\.[0-9a-f]{32}$/.test(name)) await rm(path, { force: true });
    if (!/^LOCK\.[0-9a-f]{32}\.new(\.over)?$/.test(name)) continue;
    const drafter = await holderOf(path);
    // One that is being written reads as nothing yet.
    const isLeft = typeof drafter === 'object' && !(await mayBeAlive(drafter));
    if (isLeft) await rm(path, { force: true });
  }
}

function lockedBy(path: string, holder: LockHolder | undefined): IndexError {
  const message =
    holder === undefined
      ? `${path} is in use, but names no process; remove it if no process uses the folder`
      : `${path} is held by process ${holder.pid} on ${holder.host}; close the collection there, ` +
        'or remove the file if that machine is gone';
  return new IndexError('collection-locked', message);
}

async function succeeds(step: Promise<void>, failureCode: string): Promise<boolean> {
  try {
    await step;
    return true;
  } catch (error) {
    if (codeOf(error) === failureCode) return false;
    throw error;
  }
}

function tokenOf(holder: LockHolder | 'unreadable' | undefined): string | undefined {
  return typeof holder === 'object' ? holder.token : undefined;
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
