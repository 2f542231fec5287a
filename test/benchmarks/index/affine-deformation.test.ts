import { fc, testProp } from '@fast-check/ava';
import { SeededRandom } from '@starling/index';
import test from 'ava';
import { deformInto, drawAffine, IDENTITY } from './affine-deformation.ts';
import { IMAGE_PIXELS, IMAGE_SIDE } from './mnist-images.ts';

function imageOf(seed: number): Uint8Array {
  const random = new SeededRandom(seed);
  return Uint8Array.from({ length: IMAGE_PIXELS }, () => random.nextUint32() & 255);
}

test('the identity leaves every pixel, the edge included, where it writes and nowhere else', (t) => {
  const image = imageOf(1);
  const to = new Uint8Array(3 * IMAGE_PIXELS).fill(7);
  deformInto(image, IDENTITY, to, IMAGE_PIXELS);
  t.deepEqual(to.subarray(IMAGE_PIXELS, 2 * IMAGE_PIXELS), image);
  t.true(to.subarray(0, IMAGE_PIXELS).every((value) => value === 7));
  t.true(to.subarray(2 * IMAGE_PIXELS).every((value) => value === 7));
});

test('half a pixel to the side is the mean of two neighbours, rounded', (t) => {
  const image = new Uint8Array(IMAGE_PIXELS);
  const at = 10 * IMAGE_SIDE + 10;
  image.set([100, 51], at);
  const to = new Uint8Array(IMAGE_PIXELS);
  deformInto(image, { ...IDENTITY, x: 0.5 }, to, 0);
  t.deepEqual([...to.subarray(at - 1, at + 2)], [50, 76, 26]);
  t.is(
    to.reduce((sum, value) => sum + value, 0),
    152,
  );
});

test('what comes from outside the image is black', (t) => {
  const to = new Uint8Array(IMAGE_PIXELS);
  deformInto(new Uint8Array(IMAGE_PIXELS).fill(255), { ...IDENTITY, x: IMAGE_SIDE + 1 }, to, 0);
  t.true(to.every((value) => value === 0));
});

testProp('no drawn deformation makes a white image brighter or loses it', [fc.nat()], (t, seed) => {
  const affine = drawAffine(new SeededRandom(seed));
  const to = new Uint8Array(IMAGE_PIXELS);
  deformInto(new Uint8Array(IMAGE_PIXELS).fill(255), affine, to, 0);
  t.true(to.filter((value) => value === 255).length > IMAGE_PIXELS / 2);
});
