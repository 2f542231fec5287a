// The digest that names an app's files: the same at every site that installed the same app. What lies
// in data/ is a site's own.

import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { digestOf, domainDigest } from '@starling/crypto';
import { AppError, type Digest } from '@starling/shared';

export const APP_FILES_MAX = 1000;
export const APP_FILE_BYTES_MAX = 64 * 1024 * 1024;
/** Folders that are no part of what sites agree on. */
const OWN_FOLDERS = new Set(['data', 'node_modules', 'runs']);

/** @throws AppError `invalid-app` for more files, or larger ones, than an app may have */
export async function appDigest(folder: string): Promise<Digest> {
  const files = await filesBelow(folder);
  if (files.length > APP_FILES_MAX) {
    const message = `${folder} has ${files.length} files, an app at most ${APP_FILES_MAX}: keep data in data/`;
    throw new AppError('invalid-app', message);
  }
  const parts: Uint8Array[] = [];
  for (const file of files) {
    const bytes = await readFile(file);
    if (bytes.length > APP_FILE_BYTES_MAX) {
      const message = `${file} has ${bytes.length} bytes, at most ${APP_FILE_BYTES_MAX}: keep data in data/`;
      throw new AppError('invalid-app', message);
    }
    const name = relative(folder, file).split(sep).join('/');
    parts.push(new TextEncoder().encode(`${name}\0${digestOf(bytes)}`));
  }
  return domainDigest('starling/app/v1', ...parts);
}

async function filesBelow(folder: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.name.startsWith('.') || OWN_FOLDERS.has(entry.name)) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) found.push(...(await filesBelow(path)));
    else if (entry.isFile()) found.push(path);
  }
  return found.sort();
}
