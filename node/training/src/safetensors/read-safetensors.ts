// Reads weights from safetensors files. One tensor is read at a time, and only those asked for.

import { endianness } from 'node:os';
import { ByteStream, type ReadOptions } from '../datasets/byte-stream.ts';
import { TrainingError } from '../training-error.ts';
import { bfloat16ToFloat32, float16ToFloat32 } from './half-floats.ts';
import type { NamedTensor } from './named-tensor.ts';
import { readSafetensorsHeader, type SafetensorsEntry } from './safetensors-header.ts';

export interface Safetensors {
  /** In the order of the file. */
  readonly tensors: readonly NamedTensor[];
  readonly metadata: Readonly<Record<string, string>>;
}

export interface ReadSafetensorsOptions extends ReadOptions {
  /** Tensors to read; all when left out. */
  readonly select?: readonly string[];
}

/** Most elements of the tensors that are read at once. */
export const SAFETENSORS_ELEMENTS_MAX = 2 ** 30;

/**
 * Reads tensors of F32, F16 and BF16 as float32.
 *
 * @throws TrainingError `corrupt-file` for a file that contradicts its format, with byte and
 *   expectation; `unsupported-format` for other types; `invalid-options` for a name that is not there;
 *   `limit-exceeded`, `missing-file`, `storage-failed`, `aborted`
 */
export async function readSafetensors(
  path: string,
  options: ReadSafetensorsOptions = {},
): Promise<Safetensors> {
  const { select, signal } = options;
  await using file = await ByteStream.open(path, { signal, unpacks: false });
  const { entries, metadata } = await readSafetensorsHeader(file);
  const absent = select?.find((name) => !entries.some((entry) => entry.name === name));
  if (absent !== undefined) {
    throw new TrainingError('invalid-options', `${path} has no tensor "${absent}"`);
  }
  const wanted = new Set(select ?? entries.map(({ name }) => name));
  checkTypes(path, entries, wanted);
  const tensors: NamedTensor[] = [];
  for (const entry of entries) {
    const { name, shape } = entry;
    if (wanted.has(name)) tensors.push({ name, shape, data: await readTensor(file, entry) });
    else await skip(file, entry.end);
  }
  return { tensors, metadata };
}

function checkTypes(
  path: string,
  entries: readonly SafetensorsEntry[],
  wanted: ReadonlySet<string>,
): void {
  let elements = 0;
  for (const { name, type, shape, start } of entries) {
    if (!wanted.has(name)) continue;
    if (type !== 'F32' && type !== 'F16' && type !== 'BF16') {
      throw new TrainingError(
        'unsupported-format',
        `${path}, byte ${start}: tensor "${name}" is ${type}, not F32, F16 or BF16; save it as ` +
          'float32 or leave it out with select',
      );
    }
    elements += shape.reduce((product, size) => product * size, 1);
  }
  if (elements <= SAFETENSORS_ELEMENTS_MAX) return;
  const limit = `SAFETENSORS_ELEMENTS_MAX = ${SAFETENSORS_ELEMENTS_MAX}`;
  throw new TrainingError('limit-exceeded', `${path} has ${elements} elements, more than ${limit}`);
}

async function readTensor(file: ByteStream, entry: SafetensorsEntry): Promise<Float32Array> {
  const bytes = Buffer.from(new ArrayBuffer(entry.end - entry.start));
  await file.read(bytes, `tensor "${entry.name}"`);
  const isSwapped = endianness() === 'BE';
  if (entry.type === 'F32') {
    if (isSwapped) bytes.swap32();
    return new Float32Array(bytes.buffer);
  }
  if (isSwapped) bytes.swap16();
  const halves = new Uint16Array(bytes.buffer);
  return entry.type === 'F16' ? float16ToFloat32(halves) : bfloat16ToFloat32(halves);
}

const SKIPPED_BYTES = 1 << 20;

async function skip(file: ByteStream, end: number): Promise<void> {
  while (file.position < end) {
    await file.read(new Uint8Array(Math.min(SKIPPED_BYTES, end - file.position)), 'a tensor');
  }
}
