import { join } from 'node:path';
import type { CollectionStorage } from './storage.ts';
import { onDisk } from './storage-error.ts';

/** Copies of one file that a folder keeps at most. */
const COPIES_MAX = 1_000;

/**
 * Copies a damaged file beside what replaces it, under a name that is free; returns that name.
 *
 * @throws IndexError `storage-failed`
 */
export async function keepCopy(
  storage: CollectionStorage,
  folder: string,
  path: string,
  name: string,
): Promise<string> {
  return onDisk(`copy ${path}`, async () => {
    const names = new Set(await storage.list(folder));
    for (let number = 1; number <= COPIES_MAX; number++) {
      const kept = number === 1 ? `${name}.damaged` : `${name}.${number}.damaged`;
      if (names.has(kept)) continue;
      await storage.copyFile(path, join(folder, kept));
      await storage.syncFolder(folder);
      return kept;
    }
    throw new Error(`${COPIES_MAX} copies of ${name} are there; remove some`);
  });
}
