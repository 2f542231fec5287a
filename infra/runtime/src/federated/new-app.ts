// Makes an app's folder from a template that works at once.

import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RuntimeError } from '../runtime-error.ts';
import { APP_FILE } from './app/app-folder.ts';

export const APP_TEMPLATES = ['digits', 'logistic'] as const;
export type AppTemplate = (typeof APP_TEMPLATES)[number];

const TEMPLATES = fileURLToPath(new URL('../../templates/', import.meta.url));
const NAME = /^[a-z0-9][a-z0-9._-]{0,62}$/i;

/** Where a template lies, itself a working app. */
export function templateFolder(template: AppTemplate): string {
  return join(TEMPLATES, template);
}

/**
 * Creates a folder with a template's files; the app is named as the folder.
 *
 * @returns the folder and its files
 * @throws {RuntimeError} `folder-exists` when the folder holds anything, `invalid-option` for its name
 */
export async function newApp(
  folder: string,
  template: AppTemplate,
): Promise<{ readonly folder: string; readonly files: readonly string[] }> {
  const target = resolve(folder);
  const name = basename(target);
  if (!NAME.test(name)) {
    const rule = '1 to 63 letters, digits, ".", "_" or "-", the first a letter or digit';
    throw new RuntimeError('invalid-option', `${name} is no name for an app: ${rule}`);
  }
  const present = await readdir(target).catch((): string[] => []);
  if (present.length > 0) {
    throw new RuntimeError('folder-exists', `${target} holds files: choose a new folder`);
  }
  await mkdir(target, { recursive: true });
  await cp(templateFolder(template), target, { recursive: true });
  const manifest = JSON.parse(await readFile(join(target, APP_FILE), 'utf8'));
  await writeFile(
    join(target, APP_FILE),
    `${JSON.stringify({ ...manifest, name }, undefined, 2)}\n`,
  );
  return { folder: target, files: (await readdir(target)).sort() };
}
