// The workspace on disk: root folder, sources of the rooms, their manifests.

import { globSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { ROOMS } from './rooms.ts';
import { parseSource, type SourceFile } from './source-file.ts';

export const WORKSPACE_ROOT = join(import.meta.dirname, '..', '..');

/** Every `.ts` and `.js` file of the rooms, parsed. */
export function readSources(): SourceFile[] {
  const patterns = ROOMS.map(({ folder }) => `${folder}/**/*.{ts,js}`);
  const files = globSync(patterns, {
    cwd: WORKSPACE_ROOT,
    exclude: ['**/node_modules', '**/dist', '**/coverage'],
  });
  return files
    .map((file) => file.split(sep).join('/'))
    .sort()
    .map((file) => parseSource(file, readText(file)));
}

/** Folder → text of the manifest, for every room that has one. */
export function readManifests(): Map<string, string> {
  const folders = globSync('{*,*/*}/package.json', {
    cwd: WORKSPACE_ROOT,
    exclude: ['**/node_modules', '**/dist'],
  }).map((file) => file.split(sep).slice(0, -1).join('/'));
  return new Map(folders.map((folder) => [folder, readText(`${folder}/package.json`)]));
}

export function readText(file: string): string {
  return readFileSync(join(WORKSPACE_ROOT, file), 'utf8');
}
