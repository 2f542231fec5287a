// An app as a folder: starling.app.json says which modules it has and which settings.

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { AppError, type ConfigRecord, z } from '@starling/shared';
import { SETTING_KEY } from './run-config.ts';

export const APP_FILE = 'starling.app.json';
export const NODES_MAX = 10_000_000;

const scalar = z.union([z.number(), z.string().max(4096), z.boolean()]);
const settings = z
  .record(z.string(), scalar)
  .refine(
    (record) => Object.keys(record).every((key) => SETTING_KEY.test(key)),
    'keys are kebab-case, such as local-epochs',
  );

const appSchema = z.strictObject({
  name: z.string().min(1).max(64),
  /** Module that exports `client`. */
  client: z.string().min(1),
  /** Module that exports `server`. */
  server: z.string().min(1),
  /** Settings that `--run-config` may change. */
  config: settings.default({}),
  /** How a simulation runs it unless told otherwise. */
  simulation: z
    .strictObject({
      nodes: z.int().min(1).max(NODES_MAX).default(10),
      seed: z
        .int()
        .min(0)
        .max(2 ** 32 - 1)
        .default(1),
    })
    .prefault({}),
});

export interface AppFolder {
  readonly name: string;
  readonly folder: string;
  readonly client: URL;
  readonly server: URL;
  readonly config: ConfigRecord;
  readonly simulation: { readonly nodes: number; readonly seed: number };
}

/**
 * Reads an app's manifest.
 *
 * @throws AppError `invalid-app`, `no-client`, naming the file, the field and what was expected
 */
export async function readAppFolder(folder: string): Promise<AppFolder> {
  const file = join(resolve(folder), APP_FILE);
  const manifest = appSchema.safeParse(await readJson(file));
  if (!manifest.success) {
    const [issue] = manifest.error.issues;
    const where = issue?.path.join('.') || 'the manifest';
    if (where === 'client') {
      const advice = `name the module that exports client, such as "client": "client.ts"`;
      throw new AppError('no-client', `${file}: the app has no client; ${advice}`);
    }
    throw new AppError('invalid-app', `${file}: ${where}: ${issue?.message}`);
  }
  const { client, server, ...rest } = manifest.data;
  return {
    ...rest,
    folder: resolve(folder),
    client: moduleOf('client', folder, client),
    server: moduleOf('server', folder, server),
  };
}

async function readJson(file: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    const advice = 'name the folder of an app, or make one with starling new <name>';
    throw new AppError('invalid-app', `${file} cannot be read: ${advice}`, { cause });
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new AppError('invalid-app', `${file} is no JSON: ${detail}`, { cause });
  }
}

function moduleOf(part: 'client' | 'server', folder: string, path: string): URL {
  const file = resolve(folder, path);
  if (existsSync(file)) return pathToFileURL(file);
  throw new AppError(
    part === 'client' ? 'no-client' : 'invalid-app',
    `${join(resolve(folder), APP_FILE)}: ${part} names ${file}, which does not exist`,
  );
}
