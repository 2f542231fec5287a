import test from 'ava';
import fc from 'fast-check';
import { powerOfTwoAtLeast, rotate, unrotate } from './random-rotation.ts';

const seed = new Uint8Array(32).fill(5);

function vectorOf(elements: number): Float64Array {
  return Float64Array.from({ length: elements }, (_, i) => Math.sin(i * i + 1) * 3);
}

function product(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
}

test('rotation keeps lengths and angles, and is undone by its inverse', async (t) => {
  for (const bits of [0, 1, 5, 12, 14]) {
    const a = vectorOf(2 ** bits);
    const b = a.map((value, i) => value * Math.cos(i));
    const rotated = [a.slice(), b.slice()] as const;
    for (const vector of rotated) await rotate(vector, seed);
    const scale = Math.sqrt(product(a, a) * product(b, b));
    t.true(Math.abs(product(...rotated) - product(a, b)) < 1e-12 * scale);
    t.true(Math.abs(product(rotated[0], rotated[0]) - product(a, a)) < 1e-12 * product(a, a));
    await unrotate(rotated[0], seed);
    t.true(rotated[0].every((value, i) => Math.abs(value - (a[i] ?? 0)) < 1e-12));
  }
});

test('a vector of one coordinate is spread evenly over all, with signs of the seed', async (t) => {
  const signsOf = async (key: Uint8Array) => {
    const vector = new Float64Array(1024).map((_, i) => (i === 77 || i === 78 ? 32 : 0));
    await rotate(vector, key);
    return vector;
  };
  const spread = await signsOf(seed);
  t.true(spread.every((value) => value === 0 || Math.abs(value) === 2));
  let differing = 0;
  for (let key = 0; key < 16; key++) {
    const other = await signsOf(new Uint8Array(32).fill(key));
    if (other.some((value, i) => value !== spread[i])) differing++;
  }
  t.true(differing >= 4);
});

test('where work pauses does not change a bit', async (t) => {
  let pauses = 0;
  const counting = {
    pause: async () => {
      pauses += 1;
    },
  };
  const counted = vectorOf(2 ** 20);
  await rotate(counted, seed, counting);
  t.true(pauses > 10);
  const yielding = vectorOf(2 ** 20);
  await rotate(yielding, seed);
  t.true(Buffer.from(counted.buffer).equals(Buffer.from(yielding.buffer)));
});

test('the transform is the Hadamard matrix, entry by entry', async (t) => {
  const ones = (n: number) => n.toString(2).replaceAll('0', '').length;
  for (const d of [8, 8192]) {
    const at = d - 3;
    const column = new Float64Array(d);
    column[at] = Math.sqrt(d);
    await rotate(column, seed);
    const sign = Math.sign(column[0] ?? 0);
    const wrong = column.findIndex(
      (value, row) => value !== sign * (ones(row & at) % 2 === 0 ? 1 : -1),
    );
    t.is(wrong, -1);
  }
});

test('padding goes to the least power of two, and other lengths are refused', async (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 26 }), (elements) => {
      const padded = powerOfTwoAtLeast(elements);
      t.true(padded >= elements && padded < 2 * elements && Number.isInteger(Math.log2(padded)));
    }),
  );
  await t.throwsAsync(rotate(new Float64Array(12), seed), { instanceOf: RangeError });
  await t.throwsAsync(rotate(new Float64Array(8), new Uint8Array(31)), { instanceOf: RangeError });
});
