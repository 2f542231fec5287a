// Files that only their owner reads: written anew and never over another, refused when others can
// read them.

import { readFile, stat, writeFile } from 'node:fs/promises';
import { RuntimeError } from './runtime-error.ts';

const OWNER_ONLY = 0o600;

/** Fails when the file exists. */
export async function writeSecretFile(path: string, text: string): Promise<void> {
  await writeFile(path, text, { mode: OWNER_ONLY, flag: 'wx', flush: true });
}

/** @throws {RuntimeError} `not-a-site` when it is missing, `unsafe-key-file` when others read it */
export async function readSecretFile(path: string): Promise<string> {
  let mode: number;
  try {
    mode = (await stat(path)).mode & 0o777;
  } catch (cause) {
    throw new RuntimeError('not-a-site', `${path} is missing: restore it from a backup`, { cause });
  }
  if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
    const shown = mode.toString(8);
    const message = `${path} is readable by others (mode ${shown}): run "chmod 600 ${path}"`;
    throw new RuntimeError('unsafe-key-file', message);
  }
  return readFile(path, 'utf8');
}
