// MNIST as bytes, `[images × 784]`. The files lie beside the repository, or beside a folder that
// holds it; whoever has no copy goes without the cases that need them.

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';

export const MNIST_FOLDER = findFolder(join(import.meta.dirname, '../../../..'));
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

/** Under the nearest folder from `root` upwards that has the data; else where it belongs. */
function findFolder(root: string): string {
  for (let at = root; ; at = dirname(at)) {
    const folder = join(at, 'shared/datasets/mnist');
    if (existsSync(folder)) return folder;
    if (dirname(at) === at) return join(root, 'shared/datasets/mnist');
  }
}

function readImages(file: string): Uint8Array | undefined {
  if (!existsSync(file)) return undefined;
  return gunzipSync(readFileSync(file)).subarray(HEADER_BYTES);
}
