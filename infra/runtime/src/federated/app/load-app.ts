// Loads what a user wrote: modules that export `client` and `server`. What is wrong with them is said
// with file and line.

import { fileURLToPath } from 'node:url';
import type { ServerApp } from '@starling/rules';
import { AppError } from '@starling/shared';
import type { ClientApp, Model } from '@starling/training';
import { placeOf } from '../clients/reason.ts';
import { resolveStarling } from './resolve-starling.ts';

/** @throws AppError `no-client`, `invalid-app` */
export async function loadClient(module: URL): Promise<ClientApp> {
  const { client } = await load(module);
  if (isObject(client) && typeof client['handle'] === 'function') {
    return client as unknown as ClientApp;
  }
  throw missing('client', module, client);
}

/** @throws AppError `invalid-app` */
export async function loadServer(module: URL): Promise<ServerApp> {
  const { server } = await load(module);
  if (isObject(server) && typeof server['start'] === 'function') {
    return server as unknown as ServerApp;
  }
  throw missing('server', module, server);
}

/** What the server's module exports as `model`, if that is a model of the engine. */
export async function loadModel(module: URL): Promise<Model | undefined> {
  const { model } = await load(module);
  return isObject(model) && Array.isArray(model['parameters'])
    ? (model as unknown as Model)
    : undefined;
}

function missing(part: 'client' | 'server', module: URL, found: unknown): AppError {
  const what = found === undefined ? 'exports none' : `exports ${part} as ${typeof found}`;
  return new AppError(
    part === 'client' ? 'no-client' : 'invalid-app',
    `${fileURLToPath(module)} ${what}; write export const ${part} = ${part}App({ … })`,
  );
}

async function load(module: URL): Promise<Readonly<Record<string, unknown>>> {
  resolveStarling();
  try {
    return await import(module.href);
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    const error = cause instanceof Error ? cause : new Error(String(cause));
    const place = failurePlace(error) ?? fileURLToPath(module);
    throw new AppError('invalid-app', `${place}: ${error.name}: ${firstLine(error)}`, { cause });
  }
}

/** Syntax errors name their place in the first lines of the stack, others in its frames. */
function failurePlace(error: Error): string | undefined {
  const [, file, line] = /^(?:file:\/\/)?(\/[^\s:]+):(\d+)$/m.exec(error.stack ?? '') ?? [];
  return file === undefined ? placeOf(error) : `${file}:${line}`;
}

function firstLine(error: Error): string {
  return error.message.split('\n', 1)[0] ?? '';
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
