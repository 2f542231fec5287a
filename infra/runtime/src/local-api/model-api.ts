// What a running coordinator answers about versions: the registry, pins, rollbacks, models as files.

import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Coordinator, CoordinatorError } from '@starling/coordinator';
import {
  decodeVersion,
  type EvaluationMatrix,
  findVersion,
  pinSchema,
  type VersionView,
} from '@starling/rules';
import { modelElements, type PayloadExchange, z } from '@starling/shared';
import { encodeSafetensors } from '@starling/training';
import type { Hono } from 'hono';

const versionNumber = z.coerce.number().int().min(1);
const pullSchema = z.strictObject({ folder: z.string().min(1).max(4096) });

export interface ModelsView {
  readonly matrix: EvaluationMatrix;
  readonly pinned: number | null;
  /** Newest first. */
  readonly versions: readonly VersionView[];
}

export interface PulledModel {
  readonly bytes: number;
  readonly file: string;
  /** Content root of the version, by which the file is named. */
  readonly model: string;
  readonly version: number;
}

export function addModelRoutes(
  app: Hono,
  coordinator: Coordinator,
  payloads: PayloadExchange,
): void {
  const { models } = coordinator;
  const view = (): ModelsView => {
    return { matrix: models.matrix(), pinned: models.pinned, versions: models.versions() };
  };
  app.get('/models', (context) => context.json(view()));
  app.post('/models/:version/pin', async (context) => {
    const version = versionNumber.parse(context.req.param('version'));
    await models.pin(pinSchema.parse({ ...(await context.req.json()), version }));
    return context.json(view());
  });
  app.post('/models/:version/unpin', async (context) => {
    await models.unpin(versionNumber.parse(context.req.param('version')));
    return context.json(view());
  });
  app.post('/models/:version/rollback', async (context) => {
    await models.rollback(versionNumber.parse(context.req.param('version')));
    return context.json(view());
  });
  app.post('/models/:version/pull', async (context) => {
    const version = versionNumber.parse(context.req.param('version'));
    const { folder } = pullSchema.parse(await context.req.json());
    return context.json(await pull(coordinator, payloads, version, folder));
  });
}

/** Writes a version beside where it goes, then renames: a kill leaves no half of a file. */
async function pull(
  { state }: Coordinator,
  payloads: PayloadExchange,
  version: number,
  folder: string,
): Promise<PulledModel> {
  const record = findVersion(state, version);
  if (record === undefined || !(await payloads.has(record.model))) {
    const why = record === undefined ? 'is not known' : 'is not kept here any more';
    throw new CoordinatorError('unknown-version', `the model of version ${version} ${why}`);
  }
  const { task } = state.genesis;
  const bytes = await payloads.fetch(record.model, { providers: [] });
  const decoded = decodeVersion(bytes, modelElements(task));
  if (!decoded.ok) throw new CoordinatorError('model-unavailable', decoded.refusal.detail);
  const data = decoded.value.parameters;
  const tensor =
    task.app === null
      ? { data, name: 'embedding', shape: [task.encoder.buckets, task.encoder.dimension] }
      : { data, name: 'model', shape: [data.length] };
  const { root: model } = record.model;
  const file = join(folder, `${model}.safetensors`);
  const encoded = encodeSafetensors([tensor], { model, version: String(version) });
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(`${file}.new`, encoded);
    await rename(`${file}.new`, file);
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new CoordinatorError('model-unavailable', `${file} cannot be written: ${detail}`, {
      cause,
    });
  }
  return { bytes: encoded.byteLength, file, model, version };
}
