import { SeededRandom } from '@starling/index';
import test from 'ava';
import { IMAGE_PIXELS, IMAGE_SIDE, type MnistImages } from './mnist-images.ts';
import { sampledSet } from './sample-rows.ts';
import { deformedMnist } from './vector-set.ts';

/** Smooth blobs in place of digits. */
function blobs(count: number, seed: number): Uint8Array {
  const random = new SeededRandom(seed);
  const images = new Uint8Array(count * IMAGE_PIXELS);
  for (let image = 0; image < count; image++) {
    const [x, y] = [8 + 12 * random.nextOpenUnit(), 8 + 12 * random.nextOpenUnit()];
    for (let pixel = 0; pixel < IMAGE_PIXELS; pixel++) {
      const far = Math.hypot((pixel % IMAGE_SIDE) - x, Math.floor(pixel / IMAGE_SIDE) - y);
      images[image * IMAGE_PIXELS + pixel] = Math.max(0, 255 - 40 * far);
    }
  }
  return images;
}

const images: MnistImages = { train: blobs(20, 1), test: blobs(10, 2) };
const size = { dimension: IMAGE_PIXELS, rows: 50, queryCount: 5, seed: 3 };

test('a seed gives the same set again, another seed another', (t) => {
  for (const dimension of [IMAGE_PIXELS, 16]) {
    const set = deformedMnist(images, { ...size, dimension });
    t.deepEqual(deformedMnist(images, { ...size, dimension }), set);
    t.notDeepEqual(deformedMnist(images, { ...size, dimension, seed: 4 }).base, set.base);
    t.is(set.base.length, 50 * dimension);
    t.is(set.queries.length, 5 * dimension);
  }
});

test('a smaller set is the start of a larger one', (t) => {
  for (const dimension of [IMAGE_PIXELS, 16]) {
    const large = deformedMnist(images, { ...size, dimension, rows: 70, queryCount: 8 });
    const small = deformedMnist(images, { ...size, dimension });
    t.deepEqual(large.base.subarray(0, small.base.length), small.base);
    t.deepEqual(large.queries.subarray(0, small.queries.length), small.queries);
  }
});

test('rows come from the training images and queries from the test images only', (t) => {
  const black = new Uint8Array(IMAGE_PIXELS);
  const onlyTest = deformedMnist({ ...images, train: black }, size);
  t.true(onlyTest.base.every((value) => value === 0));
  t.true(onlyTest.queries.some((value) => value > 0));
  const onlyTrain = deformedMnist({ ...images, test: black }, size);
  t.true(onlyTrain.queries.every((value) => value === 0));
  t.deepEqual(onlyTrain.base, deformedMnist(images, size).base);
});

test('images are used again with another deformation when rows outnumber them', (t) => {
  const { base } = deformedMnist(images, size);
  const rows = Array.from({ length: 50 }, (_, row) =>
    base.subarray(row * IMAGE_PIXELS, (row + 1) * IMAGE_PIXELS).join(),
  );
  t.is(new Set(rows).size, 50);
});

test('a projection uses the range of a byte and clips next to nothing', (t) => {
  const { base } = deformedMnist(images, { ...size, dimension: 32, rows: 500 });
  const clipped = base.filter((value) => value === 0 || value === 255).length;
  t.true(clipped < 0.005 * base.length, `${clipped} of ${base.length}`);
  t.true(Math.min(...base) < 80 && Math.max(...base) > 175);
});

test('images that are all equal give a projection without a scale, and no NaN', (t) => {
  const black = new Uint8Array(IMAGE_PIXELS);
  const { base } = deformedMnist({ train: black, test: black }, { ...size, dimension: 4 });
  t.true(base.every((value) => value === 128));
});

test('a size out of range is named with its range', (t) => {
  for (const odd of [{ rows: 0 }, { rows: 1_000_001 }, { dimension: 785 }, { queryCount: 1.5 }]) {
    const [name = ''] = Object.keys(odd);
    const message = new RegExp(`^${name} is a whole number from 1 to \\d+, not `);
    t.throws(() => deformedMnist(images, { ...size, ...odd }), { instanceOf: RangeError, message });
  }
});

test('sampled rows are the same for a seed and stay in the range of a byte', (t) => {
  for (const kind of ['clustered', 'independent'] as const) {
    const set = sampledSet(kind, { ...size, dimension: 8, rows: 200 });
    t.deepEqual(sampledSet(kind, { ...size, dimension: 8, rows: 200 }), set);
    t.deepEqual([set.base.length, set.queries.length], [1_600, 40]);
    t.true(set.base.filter((value) => value === 0 || value === 255).length < 16);
  }
});
