import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';

type Scheme = 'light' | 'dark';

const PALETTE = readFileSync(join(import.meta.dirname, 'palette.css'), 'utf8');
const COLOURS = new Map(
  [...PALETTE.matchAll(/--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)/g)].map(
    ([, name = '', light = '', dark = '']) => [name, { light, dark }] as const,
  ),
);
const TONES = ['good', 'busy', 'neutral', 'warning', 'bad'];
const SERIES = [1, 2, 3, 4, 5, 6].map((at) => `series-${at}`);
const PHASES = ['training', 'sharing', 'masking', 'signing', 'unmasking', 'voting'];

/** Contrast as WCAG 2.2 defines it. */
function contrast(scheme: Scheme, one: string, other: string): number {
  const [a, b] = [luminance(scheme, one), luminance(scheme, other)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

function luminance(scheme: Scheme, name: string): number {
  const colour = COLOURS.get(name);
  if (colour === undefined) throw new RangeError(`the palette has no colour ${name}`);
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(colour[scheme].slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

for (const scheme of ['light', 'dark'] as const) {
  test(`all text keeps a contrast of 4.5 to 1 on ${scheme} screens`, (t) => {
    const grounds = ['page', 'surface', 'raised'];
    const pairs = [
      ...grounds.flatMap((ground) => ['ink', 'soft', 'accent'].map((text) => [text, ground])),
      ...TONES.map((tone) => [tone, `${tone}-back`]),
      ['ink', 'warning-back'],
      ['accent', 'busy-back'],
      ['on-accent', 'accent'],
    ];
    for (const [text = '', ground = ''] of pairs) {
      const found = contrast(scheme, text, ground);
      t.true(found >= 4.5, `${text} on ${ground}: ${found.toFixed(2)}`);
    }
  });

  test(`lines, marks and borders keep a contrast of 3 to 1 on ${scheme} screens`, (t) => {
    for (const mark of [...SERIES, ...PHASES, 'edge', 'accent', ...TONES]) {
      const found = contrast(scheme, mark, 'surface');
      t.true(found >= 3, `${mark}: ${found.toFixed(2)}`);
    }
  });
}

test('no style sheet but the palette names a colour', (t) => {
  for (const name of ['layout', 'components', 'tables', 'drawings', 'colours']) {
    const text = readFileSync(join(import.meta.dirname, `${name}.css`), 'utf8');
    t.notRegex(text, /#[0-9a-f]{3,8}\b|rgba?\(|hsla?\(/i, name);
  }
});
