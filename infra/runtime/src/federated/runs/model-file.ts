// A run's newest model as safetensors: a tensor per parameter when the app says which model it is, one
// flat tensor per array otherwise.

import { copyFile, mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ArrayRecord } from '@starling/shared';
import { encodeSafetensors, type Model, type NamedTensor, namedTensors } from '@starling/training';
import { RuntimeError } from '../../runtime-error.ts';

export const MODEL_FILE = 'model.safetensors';

/** Replaces the model of a folder; a kill in the middle leaves the one before. */
export async function writeModel(
  folder: string,
  arrays: ArrayRecord,
  { model, round }: { readonly model: Model | undefined; readonly round: number },
): Promise<void> {
  const path = join(folder, MODEL_FILE);
  const tensors = Object.keys(arrays)
    .sort()
    .flatMap((name) => tensorsOf(name, arrays[name] as Float32Array, model));
  await writeFile(`${path}.new`, encodeSafetensors(tensors, { round: String(round) }));
  await rename(`${path}.new`, path);
}

/**
 * Copies a run's newest model to a file.
 *
 * @throws {RuntimeError} `no-such-run` when no round was finished
 */
export async function pullModel(folder: string, file: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  try {
    await copyFile(join(folder, MODEL_FILE), file);
  } catch (cause) {
    const message = `no model of ${folder} to copy to ${file}: no round was finished, or no room`;
    throw new RuntimeError('no-such-run', message, { cause });
  }
}

function tensorsOf(name: string, data: Float32Array, model: Model | undefined): NamedTensor[] {
  const isModel = name === 'model' && model?.parameterCount === data.length;
  return isModel ? namedTensors(model, data) : [{ name, shape: [data.length], data }];
}
