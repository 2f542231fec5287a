// A sample of the queries that were asked lately, kept in the folder so that another process can
// inspect it. Vectors, k and widths; never filters, whose values are metadata.

import { join } from 'node:path';
import { corrupt } from '../file/section-file.ts';
import type { SampledQuery } from '../observe/search-workload.ts';
import { readRowFile, writeRowFile } from './row-file.ts';
import type { CollectionStorage } from './storage.ts';
import { onDisk } from './storage-error.ts';
import { UPKEEP_LIMITS } from './upkeep-limits.ts';

export const WORKLOAD_NAME = 'workload.rows';

/** Replaces the sample of a folder, as much of it as the limit allows. */
export async function writeWorkload(
  storage: CollectionStorage,
  folder: string,
  sample: readonly SampledQuery[],
): Promise<void> {
  const path = join(folder, WORKLOAD_NAME);
  const queryBytes = sample[0]?.query.byteLength ?? 1;
  const fitting = Math.max(1, Math.floor(UPKEEP_LIMITS.keptQueryBytesMax / queryBytes));
  await writeRowFile(storage, `${path}.new`, 'workload', sample.slice(-fitting).map(encodeQuery));
  await onDisk(`replace ${path}`, () => storage.rename(`${path}.new`, path));
}

/**
 * The sample of a folder; empty when it has none.
 *
 * @throws IndexError `corrupt-file`, `newer-format`, `storage-failed`
 */
export async function readWorkload(
  storage: CollectionStorage,
  folder: string,
  dimension: number,
): Promise<SampledQuery[]> {
  const names = await onDisk(`list ${folder}`, () => storage.list(folder));
  if (!names.includes(WORKLOAD_NAME)) return [];
  const path = join(folder, WORKLOAD_NAME);
  const rows = await readRowFile(storage, path, 'workload');
  return rows.map((row) => {
    const query = decodeQuery(row);
    if (query?.query.length === dimension) return query;
    throw corrupt(path, `it holds no queries of ${dimension} components`);
  });
}

/** Removes the sample of a folder. */
export async function removeWorkload(storage: CollectionStorage, folder: string): Promise<void> {
  const path = join(folder, WORKLOAD_NAME);
  await onDisk(`remove ${path}`, async () => {
    const names = await storage.list(folder);
    const present = [WORKLOAD_NAME, `${WORKLOAD_NAME}.new`].filter((name) => names.includes(name));
    for (const name of present) await storage.remove(join(folder, name));
    if (present.length > 0) await storage.syncFolder(folder);
  });
}

function encodeQuery({ options, query }: SampledQuery): unknown {
  const bytes = Buffer.from(query.buffer, query.byteOffset, query.byteLength);
  return [options.k, options.efSearch ?? null, bytes.toString('base64')];
}

function decodeQuery(row: unknown): SampledQuery | undefined {
  const [k, efSearch, text] = Array.isArray(row) ? row : [];
  const isWidth = efSearch === null || Number.isSafeInteger(efSearch);
  if (!Number.isSafeInteger(k) || !isWidth || typeof text !== 'string') return undefined;
  const bytes = Uint8Array.from(Buffer.from(text, 'base64'));
  if (bytes.length % 4 !== 0) return undefined;
  const query = new Float32Array(bytes.buffer);
  return { query, options: efSearch === null ? { k } : { k, efSearch } };
}
