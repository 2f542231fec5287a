// MNIST as vectors: integers from 0 to 255, as they are (784-d) or under a random projection.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { SeededRandom } from '@starling/index';

/** Beside the repository; whoever has no copy goes without these cases. */
export const MNIST_FOLDER = join(import.meta.dirname, '../../../../shared/datasets/mnist');
export const MNIST_DIMENSION = 784;

const HEADER_BYTES = 16;

/** The first training images, `[rows × 784]`; `undefined` when the file is not there. */
export function mnistRows(rows: number): Float32Array | undefined {
  const file = join(MNIST_FOLDER, 'train-images-idx3-ubyte.gz');
  if (!existsSync(file)) return undefined;
  const bytes = gunzipSync(readFileSync(file)).subarray(HEADER_BYTES);
  return Float32Array.from(bytes.subarray(0, rows * MNIST_DIMENSION));
}

/** Rows of 784 under a seeded random matrix of signs, `[rows × dimension]`. */
export function projectedRows(images: Float32Array, dimension: number, seed: number): Float32Array {
  const random = new SeededRandom(seed);
  const sign = () => (random.nextUint32() & 1 ? 1 : -1);
  const matrix = Float32Array.from({ length: MNIST_DIMENSION * dimension }, sign);
  const rows = images.length / MNIST_DIMENSION;
  const projected = new Float32Array(rows * dimension);
  for (const [position, pixel] of images.entries()) {
    if (pixel === 0) continue;
    const to = Math.floor(position / MNIST_DIMENSION) * dimension;
    const from = (position % MNIST_DIMENSION) * dimension;
    for (let d = 0; d < dimension; d++) {
      projected[to + d] = (projected[to + d] as number) + pixel * (matrix[from + d] as number);
    }
  }
  return projected;
}
