// MNIST as bytes, `[images × 784]`. The files lie beside the repository, or beside a folder that
// holds it; whoever has no copy goes without the cases that need them.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { datasetFolder } from '../dataset-folder.ts';

export const MNIST_FOLDER = datasetFolder('mnist');
export const IMAGE_SIDE = 28;
export const IMAGE_PIXELS = IMAGE_SIDE * IMAGE_SIDE;

export interface MnistImages {
  /** `[60000 × 784]`: rows of an index come from these. */
  readonly train: Uint8Array;
  /** `[10000 × 784]`: queries come from these. */
  readonly test: Uint8Array;
}

/** `undefined` when the files are not there. */
export function readMnist(folder = MNIST_FOLDER): MnistImages | undefined {
  const train = readImages(join(folder, 'train-images-idx3-ubyte.gz'));
  const test = readImages(join(folder, 't10k-images-idx3-ubyte.gz'));
  return train === undefined || test === undefined ? undefined : { train, test };
}

const HEADER_BYTES = 16;

function readImages(file: string): Uint8Array | undefined {
  if (!existsSync(file)) return undefined;
  return gunzipSync(readFileSync(file)).subarray(HEADER_BYTES);
}
