// A folder's config.json with some fields changed, as an operator edits it.

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Takes effect when the process starts again. @returns the whole config */
export async function changeConfig(
  home: string,
  change: Readonly<Record<string, unknown>>,
): Promise<Readonly<Record<string, unknown>>> {
  const path = join(home, 'config.json');
  const config = { ...JSON.parse(await readFile(path, 'utf8')), ...change };
  await writeFile(path, JSON.stringify(config));
  return config;
}
