import { extname } from 'node:path';
import { IndexError } from '../index-error.ts';
import { readHnswlib } from './hnswlib-file.ts';
import { type JsonlOptions, readJsonl } from './jsonl-file.ts';
import { readNpy } from './npy-file.ts';
import { readTexmex, TEXMEX_FORMATS } from './texmex-file.ts';
import type { VectorBatch } from './vector-batch.ts';

/** Formats of vector files that can be read. */
export const IMPORT_FORMATS = ['npy', ...TEXMEX_FORMATS, 'jsonl', 'hnswlib'] as const;

export type ImportFormat = (typeof IMPORT_FORMATS)[number];

export interface ReadVectorsOptions extends JsonlOptions {
  /** Taken from the extension of the file when left out. */
  readonly format?: ImportFormat;
}

/**
 * Streams the rows of a vector file in batches, never holding more than one.
 *
 * @param path - ends with `.npy`, `.fvecs`, `.bvecs`, `.ivecs`, `.jsonl`, `.ndjson` or `.hnswlib`,
 *   unless `format` is given
 * @throws IndexError `invalid-option` for an unknown extension or format, and what `readNpy`,
 *   `readTexmex`, `readJsonl` and `readHnswlib` throw
 */
export function readVectors(
  path: string,
  options: ReadVectorsOptions = {},
): AsyncGenerator<VectorBatch, void, undefined> {
  const format = options.format ?? EXTENSIONS.get(extname(path).toLowerCase());
  switch (format) {
    case 'npy':
      return readNpy(path, options);
    case 'fvecs':
    case 'bvecs':
    case 'ivecs':
      return readTexmex(path, format, options);
    case 'jsonl':
      return readJsonl(path, options);
    case 'hnswlib':
      return readHnswlib(path, options);
    default:
      throw new IndexError(
        'invalid-option',
        `the format of ${path} is ${format ?? 'not known by its extension'}; set format to one ` +
          `of ${IMPORT_FORMATS.join(', ')}`,
      );
  }
}

const EXTENSIONS: ReadonlyMap<string, ImportFormat> = new Map([
  ...IMPORT_FORMATS.map((format): [string, ImportFormat] => [`.${format}`, format]),
  ['.ndjson', 'jsonl'],
]);
