// What the index benchmark searches in: rows and queries of integers from 0 to 255, so that float32
// and bytes hold them exactly and every contender is given the same numbers.

import { SeededRandom } from '@starling/index';
import { deformInto, drawAffine } from './affine-deformation.ts';
import { IMAGE_PIXELS, type MnistImages } from './mnist-images.ts';
import { SignProjection } from './sign-projection.ts';

export interface VectorSet {
  readonly dimension: number;
  readonly rows: number;
  readonly queryCount: number;
  /** `[rows × dimension]` */
  readonly base: Uint8Array;
  /** `[queryCount × dimension]`; none of them is in the base. */
  readonly queries: Uint8Array;
}

export interface SetSize {
  readonly dimension: number;
  readonly rows: number;
  readonly queryCount: number;
  readonly seed: number;
}

export const SET_ROWS_MAX = 1_000_000;

/**
 * Rows are deformed training images and queries deformed test images, as they are (784-d) or
 * projected. A row depends on the seed and its number only: a smaller set is the start of a larger.
 *
 * @throws {RangeError} when a size is out of range
 */
export function deformedMnist(images: MnistImages, size: SetSize): VectorSet {
  checkSize(size);
  const { dimension, queryCount, rows, seed } = size;
  const projection = projectionOf(images.train, size);
  return {
    dimension,
    rows,
    queryCount,
    base: deformed(images.train, rows, streamOf(seed, BASE_STREAM), projection),
    queries: deformed(images.test, queryCount, streamOf(seed, QUERY_STREAM), projection),
  };
}

const BASE_STREAM = 0;
const QUERY_STREAM = 1;
const PROJECTION_STREAM = 2;
/** Rows that the projection takes its centre and scale from, however large the set is. */
const SAMPLE_ROWS = 2_000;
const GOLDEN = 0x9e3779b9;

function checkSize({ dimension, rows, queryCount }: SetSize): void {
  checkRange('dimension', dimension, 1, IMAGE_PIXELS);
  checkRange('rows', rows, 1, SET_ROWS_MAX);
  checkRange('queryCount', queryCount, 1, SET_ROWS_MAX);
}

function checkRange(name: string, value: number, min: number, max: number): void {
  if (Number.isInteger(value) && value >= min && value <= max) return;
  throw new RangeError(`${name} is a whole number from ${min} to ${max}, not ${value}`);
}

function streamOf(seed: number, stream: number): number {
  return new SeededRandom((seed + Math.imul(stream, GOLDEN)) >>> 0).nextUint32();
}

function projectionOf(train: Uint8Array, { dimension, seed }: SetSize): SignProjection | undefined {
  if (dimension === IMAGE_PIXELS) return undefined;
  const sample = deformed(train, SAMPLE_ROWS, streamOf(seed, BASE_STREAM), undefined);
  return new SignProjection(sample, IMAGE_PIXELS, dimension, streamOf(seed, PROJECTION_STREAM));
}

function deformed(
  images: Uint8Array,
  rows: number,
  stream: number,
  projection: SignProjection | undefined,
): Uint8Array {
  const dimension = projection?.dimension ?? IMAGE_PIXELS;
  const vectors = new Uint8Array(rows * dimension);
  const scratch = new Uint8Array(IMAGE_PIXELS);
  for (let row = 0; row < rows; row++) {
    const at = (row * IMAGE_PIXELS) % images.length;
    const image = images.subarray(at, at + IMAGE_PIXELS);
    const affine = drawAffine(new SeededRandom((stream + Math.imul(row, GOLDEN)) >>> 0));
    if (projection === undefined) deformInto(image, affine, vectors, row * dimension);
    else {
      deformInto(image, affine, scratch, 0);
      projection.projectInto(scratch, vectors, row * dimension);
    }
  }
  return vectors;
}
