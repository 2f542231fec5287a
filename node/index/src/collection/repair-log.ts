import { join } from 'node:path';
import { keepCopy } from './keep-copy.ts';
import { LOG_HEAD_BYTES } from './log-file.ts';
import type { RepairStep } from './repair-report.ts';
import type { CollectionStorage } from './storage.ts';
import { onDisk } from './storage-error.ts';
import type { LogDamage } from './survey-log.ts';

const CHUNK_BYTES = 1 << 23;

/**
 * Makes the log end before the damage, or writes a damaged head anew where the records after it
 * still fit. The damaged files are kept beside it, and so are later ones, which could not be
 * replayed.
 *
 * @throws IndexError `storage-failed`
 */
export async function repairLog(
  storage: CollectionStorage,
  folder: string,
  damage: LogDamage,
  dryRun: boolean,
): Promise<RepairStep> {
  const { head, isHeadRight, laterNames, name, offsetBytes, what } = damage;
  const isHead = what === 'head' && isHeadRight;
  const step = { ...describeStep(damage, isHead), file: name };
  if (dryRun) return { ...step, keptAs: [] };
  const path = join(folder, name);
  const keptAs = what === 'missing' ? [] : [await keepCopy(storage, folder, path, name)];
  if (!isHead) {
    for (const later of laterNames.toReversed()) {
      keptAs.push(await keepCopy(storage, folder, join(folder, later), later));
      await onDisk(`remove ${later}`, () => storage.remove(join(folder, later)));
    }
  }
  if (what === 'record') await cutLog(storage, path, offsetBytes);
  else await replaceLog(storage, path, head, isHead);
  await onDisk(`write ${folder}`, () => storage.syncFolder(folder));
  return { ...step, keptAs };
}

function describeStep({ lostRecords, offsetBytes }: LogDamage, isHead: boolean) {
  if (isHead) {
    const detail = 'its head written anew, no record is lost by it';
    return { action: 'rewrite-log-head' as const, detail };
  }
  const lost = lostRecords ?? 'an unknown number of';
  const detail = `cut at byte ${offsetBytes}; ${lost} records from there on are lost`;
  return { action: 'cut-log' as const, detail };
}

async function cutLog(
  storage: CollectionStorage,
  path: string,
  lengthBytes: number,
): Promise<void> {
  await onDisk(`cut ${path}`, async () => {
    const file = await storage.openToAppend(path, 'continue');
    try {
      await file.truncate(lengthBytes);
      await file.sync();
    } finally {
      await file.close();
    }
  });
}

/** Puts a log under another head in the place of one, with the records of that or without any. */
async function replaceLog(
  storage: CollectionStorage,
  path: string,
  head: Buffer,
  keepsRecords: boolean,
): Promise<void> {
  await onDisk(`replace ${path}`, async () => {
    const from = keepsRecords ? await storage.openToRead(path) : undefined;
    const to = await storage.openToAppend(`${path}.new`, 'create');
    try {
      await to.append(head);
      for (let at = LOG_HEAD_BYTES; at < (from?.sizeBytes ?? 0); at += CHUNK_BYTES) {
        await to.append((await from?.read(at, CHUNK_BYTES)) ?? Buffer.alloc(0));
      }
      await to.sync();
    } finally {
      await to.close();
      await from?.close();
    }
    await storage.rename(`${path}.new`, path);
  });
}
