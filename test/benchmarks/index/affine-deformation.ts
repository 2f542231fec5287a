// Seeded affine deformations of small images (Simard, Steinkraus & Platt 2003, section 2):
// rotation, scale, shear and shift about the middle, sampled bilinearly, black outside.

import type { SeededRandom } from '@starling/index';
import { IMAGE_PIXELS, IMAGE_SIDE } from './mnist-images.ts';

/** Maps a pixel of the result to the place in the source: `[a b; c d] · p + (x, y)`. */
export interface Affine {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
  readonly x: number;
  readonly y: number;
}

export const IDENTITY: Affine = { a: 1, b: 0, c: 0, d: 1, x: 0, y: 0 };

const ROTATION_MAX_RADIANS = Math.PI / 12;
const STRETCH_MAX = 0.15;
const SHEAR_MAX = 0.15;
const SHIFT_MAX_PIXELS = 2;

/** Rotation, then shear, then a scale per axis, then a shift, all drawn uniformly. */
export function drawAffine(random: SeededRandom): Affine {
  const within = (limit: number) => (random.nextOpenUnit() * 2 - 1) * limit;
  const angle = within(ROTATION_MAX_RADIANS);
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const shear = within(SHEAR_MAX);
  const [across, down] = [1 + within(STRETCH_MAX), 1 + within(STRETCH_MAX)];
  return {
    a: cos * across,
    b: (cos * shear - sin) * down,
    c: sin * across,
    d: (sin * shear + cos) * down,
    x: within(SHIFT_MAX_PIXELS),
    y: within(SHIFT_MAX_PIXELS),
  };
}

/**
 * Draws the deformed image into `to[at .. at + 784)`, rounded to integers.
 *
 * @param image - `[784]`
 */
export function deformInto(image: Uint8Array, affine: Affine, to: Uint8Array, at: number): void {
  frame(image);
  const { a, b, c, d } = affine;
  const left = MIDDLE + affine.x + FRAME_PIXELS;
  const top = MIDDLE + affine.y + FRAME_PIXELS;
  for (let pixel = 0; pixel < IMAGE_PIXELS; pixel++) {
    const x = (pixel % IMAGE_SIDE) - MIDDLE;
    const y = Math.floor(pixel / IMAGE_SIDE) - MIDDLE;
    to[at + pixel] = sampleAt(a * x + b * y + left, c * x + d * y + top);
  }
}

const MIDDLE = (IMAGE_SIDE - 1) / 2;
// One black pixel around the image, so that sampling near its edge has four neighbours.
const FRAME_PIXELS = 1;
const FRAMED_SIDE = IMAGE_SIDE + 2 * FRAME_PIXELS;
const framed = new Uint8Array(FRAMED_SIDE * FRAMED_SIDE);

function frame(image: Uint8Array): void {
  for (let y = 0; y < IMAGE_SIDE; y++) {
    const row = image.subarray(y * IMAGE_SIDE, (y + 1) * IMAGE_SIDE);
    framed.set(row, (y + FRAME_PIXELS) * FRAMED_SIDE + FRAME_PIXELS);
  }
}

function sampleAt(x: number, y: number): number {
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const last = FRAMED_SIDE - 2;
  if (left < 0 || top < 0 || left > last || top > last) return 0;
  const [right, below] = [x - left, y - top];
  const at = top * FRAMED_SIDE + left;
  const above = mix(framed[at] as number, framed[at + 1] as number, right);
  const under = mix(
    framed[at + FRAMED_SIDE] as number,
    framed[at + FRAMED_SIDE + 1] as number,
    right,
  );
  return Math.round(mix(above, under, below));
}

function mix(from: number, to: number, share: number): number {
  return from + (to - from) * share;
}
