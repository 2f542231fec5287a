// For tests: files that NumPy 2.4.6 and hnswlib-node 3.0.0 wrote, and files made on the spot.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { VectorBatch } from './vector-batch.ts';

/** The path of a stored file. */
export function fixturePath(name: string): string {
  return fileURLToPath(new URL(`../../fixtures/import/${name}`, import.meta.url));
}

/** Writes a file for one test; `remove` ends it. */
export class ScratchFile {
  readonly path: string;
  readonly #folder: string;

  private constructor(folder: string, name: string) {
    this.#folder = folder;
    this.path = join(folder, name);
  }

  static async write(name: string, content: Uint8Array | string): Promise<ScratchFile> {
    const file = new ScratchFile(await mkdtemp(join(tmpdir(), 'starling-import-')), name);
    await writeFile(file.path, content);
    return file;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true });
  }
}

export interface AllRows {
  readonly ids: string[];
  readonly components: number[];
  readonly metadata: unknown[];
  readonly batchRows: number[];
}

/** Everything an import yields. */
export async function collect(batches: AsyncIterable<VectorBatch>): Promise<AllRows> {
  const all: AllRows = { ids: [], components: [], metadata: [], batchRows: [] };
  for await (const { ids, vectors, dimension, metadata } of batches) {
    if (vectors.length !== ids.length * dimension) throw new RangeError('a torn batch');
    all.ids.push(...ids);
    all.components.push(...vectors);
    all.metadata.push(...(metadata ?? []));
    all.batchRows.push(ids.length);
  }
  return all;
}
