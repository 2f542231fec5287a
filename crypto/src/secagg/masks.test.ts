import test from 'ava';
import fc from 'fast-check';
import { Keystream } from '../keystream.ts';
import { systemRandom } from '../random-source.ts';
import { applyMasks, type Mask } from './masks.ts';
import { TURN_BYTES } from './pace.ts';
import { KERNEL_BYTES_MAX } from './ring-kernel.ts';
import {
  addInto,
  bytesOf,
  type RingLayout,
  ringVectorFromBytes,
  subtractFrom,
  wordsOf,
} from './ring-vector.ts';

const layouts = fc.record({
  ring: fc.constantFrom(32 as const, 64 as const),
  elements: fc.oneof(
    fc.integer({ min: 1, max: 300 }),
    fc.integer({ min: KERNEL_BYTES_MAX / 4 - 9, max: KERNEL_BYTES_MAX / 4 + 9 }),
  ),
});
const seeds = fc.uint8Array({ minLength: 32, maxLength: 32 });
const maskLists = fc.array(
  fc.record({ seed: seeds, sign: fc.constantFrom(1 as const, -1 as const) }),
  {
    maxLength: 5,
  },
);

/** The keystream of a seed as a vector. */
function maskVector(seed: Uint8Array, layout: RingLayout): Uint32Array {
  const bytes = new Uint8Array(bytesOf(layout));
  new Keystream(seed).fill(bytes);
  const read = ringVectorFromBytes(bytes, layout);
  if (!read.ok) throw new RangeError('the keystream has another length');
  return read.value;
}

test('a mask is the keystream over the whole vector, added or subtracted in the ring', async (t) => {
  const property = fc.asyncProperty(layouts, maskLists, async (layout, masks) => {
    const words = maskVector(new Uint8Array(32).fill(9), layout);
    const expected = words.slice();
    for (const { seed, sign } of masks) {
      (sign === 1 ? addInto : subtractFrom)(expected, maskVector(seed, layout), layout);
    }
    await applyMasks(words, layout, masks);
    t.deepEqual(words, expected);
  });
  await fc.assert(property, { numRuns: 60 });
});

test('masks of pairs vanish from the sum of any number of members', async (t) => {
  const property = fc.asyncProperty(layouts, fc.integer({ min: 2, max: 6 }), async (layout, n) => {
    const pairs = new Map<string, Uint8Array>();
    for (let i = 0; i < n; i++) {
      for (let j = i + 1; j < n; j++) pairs.set(`${i}/${j}`, systemRandom(32));
    }
    const sum = new Uint32Array(wordsOf(layout));
    const plain = new Uint32Array(wordsOf(layout));
    for (let i = 0; i < n; i++) {
      const words = maskVector(new Uint8Array(32).fill(i), layout);
      addInto(plain, words, layout);
      const masks = [...pairs].flatMap(([pair, seed]): Mask[] => {
        const [low, high] = pair.split('/').map(Number);
        if (low === i) return [{ seed, sign: 1 }];
        return high === i ? [{ seed, sign: -1 }] : [];
      });
      await applyMasks(words, layout, masks);
      addInto(sum, words, layout);
    }
    t.deepEqual(sum, plain);
  });
  await fc.assert(property, { numRuns: 20 });
});

test('more masks than are open at a time all count', async (t) => {
  const layout = { ring: 64, elements: 50 } as const;
  const masks = Array.from({ length: 200 }, (): Mask => ({ seed: systemRandom(32), sign: 1 }));
  const words = new Uint32Array(wordsOf(layout));
  await applyMasks(words, layout, masks);
  t.true(words.some((word) => word !== 0));
  const inverse = masks.map(({ seed }): Mask => ({ seed, sign: -1 }));
  await applyMasks(words, layout, inverse.reverse());
  t.true(words.every((word) => word === 0));
});

test('two vectors that are masked at the same time do not disturb each other', async (t) => {
  const layout = { ring: 32, elements: 100_000 } as const;
  const [seed, other] = [systemRandom(32), systemRandom(32)];
  const vectors = [new Uint32Array(wordsOf(layout)), new Uint32Array(wordsOf(layout))];
  const mask = (seeds: Uint8Array[]) => seeds.map((each): Mask => ({ seed: each, sign: 1 }));
  const masks = mask(Array.from({ length: 30 }, () => seed));
  await Promise.all([
    applyMasks(vectors[0] as Uint32Array, layout, masks),
    applyMasks(vectors[1] as Uint32Array, layout, mask([other])),
  ]);
  const thirty = new Uint32Array(wordsOf(layout));
  for (let i = 0; i < 30; i++) addInto(thirty, maskVector(seed, layout), layout);
  t.deepEqual(vectors, [thirty, maskVector(other, layout)]);
});

test('work of many bytes pauses after each turn, and a rejected pause ends it', async (t) => {
  const layout = { ring: 32, elements: TURN_BYTES / 8 } as const;
  const masks = Array.from({ length: 8 }, (): Mask => ({ seed: systemRandom(32), sign: 1 }));
  const words = new Uint32Array(wordsOf(layout));
  let pauses = 0;
  await applyMasks(words, layout, masks, {
    pause: async () => {
      pauses += 1;
    },
  });
  t.is(pauses, Math.floor((bytesOf(layout) * masks.length) / TURN_BYTES));
  const stop = async () => {
    throw new Error('stopped');
  };
  await t.throwsAsync(applyMasks(words, layout, masks, { pause: stop }), { message: 'stopped' });
});

test('a masked vector of zeros looks uniform, byte by byte', async (t) => {
  const layout = { ring: 32, elements: 1 << 18 } as const;
  const words = new Uint32Array(wordsOf(layout));
  await applyMasks(words, layout, [{ seed: new Uint8Array(32).fill(7), sign: 1 }]);
  const counts = new Float64Array(256);
  const bytes = new Uint8Array(words.buffer);
  for (const byte of bytes) counts[byte] = (counts[byte] as number) + 1;
  const mean = bytes.length / 256;
  const chiSquare = counts.reduce((sum, count) => sum + (count - mean) ** 2 / mean, 0);
  // 255 degrees of freedom: 330 is passed once in a thousand. The seed is fixed.
  t.true(chiSquare < 330, `chi-square ${chiSquare}`);
});

test('a seed or a vector of another length is a broken caller, and nothing is written', async (t) => {
  const layout = { ring: 32, elements: 4 } as const;
  const words = new Uint32Array(wordsOf(layout));
  const masks: Mask[] = [
    { seed: systemRandom(32), sign: 1 },
    { seed: systemRandom(31), sign: 1 },
  ];
  await t.throwsAsync(applyMasks(words, layout, masks), { instanceOf: RangeError });
  t.true(words.every((word) => word === 0));
  const short = words.subarray(1);
  await t.throwsAsync(applyMasks(short, layout, []), { instanceOf: RangeError });
});
