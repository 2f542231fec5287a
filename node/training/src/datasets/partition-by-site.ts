import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { TrainingError } from '../training-error.ts';
import { refuse } from './partition.ts';

export interface SiteFile {
  /** The file's name without the ending. */
  readonly site: string;
  readonly path: string;
}

export const SITE_FILES_MAX = 100_000;

/**
 * One client per file of a folder: the files with this ending, by name.
 *
 * @throws TrainingError `empty-dataset` when there is none or no folder, `invalid-options` when there
 *   are more than `SITE_FILES_MAX`
 */
export async function siteFiles(folder: string, ending: string): Promise<SiteFile[]> {
  const names = await readdir(folder).catch((cause: unknown) => {
    throw new TrainingError('empty-dataset', `no folder of site files at ${folder}`, { cause });
  });
  const own = names.filter((name) => name.endsWith(ending) && name.length > ending.length);
  if (own.length === 0) {
    throw new TrainingError(
      'empty-dataset',
      `no file *${ending} among ${names.length} in ${folder}`,
    );
  }
  if (own.length > SITE_FILES_MAX) {
    refuse(`${own.length} site files in ${folder}: at most ${SITE_FILES_MAX}`);
  }
  return own.sort().map((name) => ({
    site: name.slice(0, name.length - ending.length),
    path: join(folder, name),
  }));
}

/**
 * One client per name in a column that says where each row comes from, by name.
 *
 * @throws TrainingError `invalid-options` for a row without a name, `empty-dataset` without rows
 */
export function partitionBySite(sites: readonly string[]): Map<string, Int32Array> {
  if (sites.length === 0) throw new TrainingError('empty-dataset', 'no rows to deal by site');
  const nameless = sites.indexOf('');
  if (nameless >= 0) refuse(`sites[${nameless}] is empty: every row names its site`);
  const rows = Map.groupBy(sites.keys(), (row) => sites[row] ?? '');
  const byName = [...rows].sort(([a], [b]) => (a < b ? -1 : 1));
  return new Map(byName.map(([site, own]) => [site, Int32Array.from(own)]));
}
