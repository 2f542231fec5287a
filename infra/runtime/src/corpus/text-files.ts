// Finds the text files below a folder, within named limits, and never follows a link out of it.

import type { Dirent } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { extname, join, relative } from 'node:path';
import { RuntimeError } from '../runtime-error.ts';

export const FILES_MAX = 50_000;
/** Larger files are data, not documents. */
export const FILE_BYTES_MAX = 8 * 1024 * 1024;
/** Bytes looked at to tell text from binary. */
const SNIFF_BYTES = 8192;

export interface TextFile {
  /** Path below the folder, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

/**
 * Text files with one of these endings, in the order of their paths.
 * @throws {RuntimeError} `invalid-corpus` naming the folder when it is missing, unreadable or no folder
 */
export async function* textFiles(
  folder: string,
  endings: readonly string[],
): AsyncGenerator<TextFile> {
  const info = await stat(folder).catch((cause: unknown) => {
    throw new RuntimeError('invalid-corpus', `${folder} cannot be read: ${reasonOf(cause)}`, {
      cause,
    });
  });
  if (!info.isDirectory()) {
    throw new RuntimeError('invalid-corpus', `${folder} is a file: name the folder it lies in`);
  }
  let count = 0;
  for await (const path of walk(folder)) {
    if (!endings.includes(extname(path))) continue;
    count += 1;
    if (count > FILES_MAX) {
      const message = `${folder} has more than ${FILES_MAX} files: choose a smaller folder`;
      throw new RuntimeError('invalid-corpus', message);
    }
    const text = await readText(path);
    if (text !== undefined) yield { path: relative(folder, path).replaceAll('\\', '/'), text };
  }
}

/** Whether anything at all lies below a folder, hidden things aside. */
export async function isEmptyFolder(folder: string): Promise<boolean> {
  for await (const _ of walk(folder)) return false;
  return true;
}

async function* walk(folder: string): AsyncGenerator<string> {
  let entries: Dirent[];
  try {
    entries = await readdir(folder, { withFileTypes: true });
  } catch (cause) {
    const message = `${folder} cannot be read: ${reasonOf(cause)}`;
    throw new RuntimeError('invalid-corpus', message, { cause });
  }
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    if (entry.name.startsWith('.') || entry.name === 'node_modules') continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* walk(path);
    else if (entry.isFile()) yield path;
  }
}

/** The text of a file; undefined when it is binary or too large. */
async function readText(path: string): Promise<string | undefined> {
  try {
    if ((await stat(path)).size > FILE_BYTES_MAX) return undefined;
    const bytes = await readFile(path);
    if (bytes.subarray(0, SNIFF_BYTES).includes(0)) {
      return undefined;
    }
    return bytes.toString('utf8');
  } catch (cause) {
    const message = `${path} cannot be read: ${reasonOf(cause)}`;
    throw new RuntimeError('invalid-corpus', message, { cause });
  }
}

function reasonOf(cause: unknown): string {
  if (cause instanceof Error && 'code' in cause) {
    if (cause.code === 'ENOENT') return 'no such folder or file';
    if (cause.code === 'ENOTDIR') return 'no such folder or file';
    if (cause.code === 'EACCES') return 'permission denied';
    return String(cause.code);
  }
  return String(cause);
}
