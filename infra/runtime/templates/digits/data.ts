// Drawn digits, so that the app works at once and offline. Put your own data here: each node should
// read what lies at its site.

import { seededUniforms } from '@starling/training';

const SIDE = 14;
export const PIXELS = SIDE * SIDE;
export const CLASSES = 10;

/** Five columns, seven rows, one digit of base 32 per row. */
const GLYPHS = [
  'ehhhhhe',
  '4c4444e',
  'eh1248v',
  'eh1612e',
  '26aav22',
  'vgu11he',
  '68guhhe',
  'v112444',
  'ehhehhe',
  'ehhf12c',
];

export interface Digits {
  /** `[samples × pixels]`, 0 to 1. */
  readonly x: Float32Array;
  readonly y: Uint8Array;
}

/** Digits of some classes, shifted and noisy; the same seed draws the same ones. */
export function drawDigits(seed: number, samples: number, classes: readonly number[]): Digits {
  const uniform = seededUniforms(seed);
  const below = (limit: number) => Math.floor(uniform() * limit);
  const x = new Float32Array(samples * PIXELS);
  const y = new Uint8Array(samples);
  for (let i = 0; i < samples; i++) {
    const digit = classes[below(classes.length)] ?? 0;
    y[i] = digit;
    const image = x.subarray(i * PIXELS, (i + 1) * PIXELS);
    drawGlyph(image, GLYPHS[digit] ?? '', below(5), below(3) - 1);
    for (let p = 0; p < PIXELS; p++) image[p] = (image[p] ?? 0) * 0.6 + uniform() * 0.4;
  }
  return { x, y };
}

/** A node sees few of the classes: data that is not alike is what makes federated learning hard. */
export function classesOf(partition: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, i) => (partition + 3 * i) % CLASSES);
}

function drawGlyph(image: Float32Array, glyph: string, left: number, top: number): void {
  for (let row = 0; row < SIDE; row++) {
    const bits = Number.parseInt(glyph[(row - top) >> 1] ?? '0', 32);
    for (let column = 0; column < 10; column++) {
      const isInk = (bits >> (4 - (column >> 1))) & 1;
      if (isInk === 1 && row >= top) image[row * SIDE + left + column] = 1;
    }
  }
}
