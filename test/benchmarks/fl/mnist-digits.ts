// MNIST as samples, pixels in [0, 1], and its models.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Partition, readIdx, type Samples } from '@starling/training';
import { datasetFolder } from '../dataset-folder.ts';

export const MNIST_FOLDER = datasetFolder('mnist');
export const PIXELS = 784;

export interface Digits {
  /** `[digits × 784]` */
  readonly x: Float32Array;
  readonly y: Uint8Array;
}

export interface AllDigits {
  readonly train: Digits;
  readonly test: Digits;
}

/** `undefined` when the files are not there. */
export async function readDigits(): Promise<AllDigits | undefined> {
  if (!existsSync(join(MNIST_FOLDER, 'train-images-idx3-ubyte.gz'))) return undefined;
  return { train: await digitsOf('train'), test: await digitsOf('t10k') };
}

/** Each client's digits, by its node's name. */
export function dealDigits({ x, y }: Digits, partition: Partition): Map<string, Samples> {
  const dealt = partition.map((rows, client) => {
    const own = new Float32Array(rows.length * PIXELS);
    for (const [at, row] of rows.entries()) {
      own.set(x.subarray(row * PIXELS, (row + 1) * PIXELS), at * PIXELS);
    }
    return [nodeName(client), { x: own, y: Uint8Array.from(rows, (row) => y[row] ?? 0) }] as const;
  });
  return new Map(dealt);
}

export function samplesOf(dealt: ReadonlyMap<string, Samples>, node: string): Samples {
  const own = dealt.get(node);
  if (own === undefined) throw new Error(`nothing was dealt to ${node}`);
  return own;
}

function nodeName(client: number): string {
  return `client-${String(client).padStart(3, '0')}`;
}

async function digitsOf(part: 'train' | 't10k'): Promise<Digits> {
  const images = await readIdx(join(MNIST_FOLDER, `${part}-images-idx3-ubyte.gz`));
  const labels = await readIdx(join(MNIST_FOLDER, `${part}-labels-idx1-ubyte.gz`));
  const x = new Float32Array(images.data.length);
  for (let i = 0; i < x.length; i++) x[i] = (images.data[i] ?? 0) / 255;
  return { x, y: Uint8Array.from(labels.data) };
}
