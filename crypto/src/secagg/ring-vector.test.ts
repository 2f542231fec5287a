import test from 'ava';
import fc from 'fast-check';
import { KERNEL_BYTES_MAX, ringKernel } from './ring-kernel.ts';
import {
  addInto,
  bytesOf,
  type RingLayout,
  ringVectorFromBytes,
  ringVectorToBytes,
  STATISTICS,
  subtractFrom,
  wordsOf,
} from './ring-vector.ts';

const layouts = fc.record({
  ring: fc.constantFrom(32 as const, 64 as const),
  elements: fc.integer({ min: 0, max: 40 }),
});
const word = fc.oneof(
  fc.integer({ min: 0, max: 0xffffffff }),
  fc.constantFrom(0, 1, 0x7fffffff, 0x80000000, 0xffffffff),
);
const vectorOf = (layout: RingLayout) => {
  const length = wordsOf(layout);
  const words = fc.array(word, { minLength: length, maxLength: length });
  return words.map((values) => Uint32Array.from(values));
};
const pairs = layouts.chain((layout) =>
  fc.tuple(fc.constant(layout), vectorOf(layout), vectorOf(layout)),
);

/** Element by element with BigInt: what the kernel must give. */
function expected(layout: RingLayout, a: Uint32Array, b: Uint32Array, sign: bigint): Uint32Array {
  const out = a.slice();
  const tail = wordsOf(layout) - STATISTICS * 2;
  for (let i = 0; i < out.length; ) {
    const isWide = layout.ring === 64 || i >= tail;
    const read = (from: Uint32Array) =>
      BigInt(from[i] ?? 0) + (isWide ? BigInt(from[i + 1] ?? 0) << 32n : 0n);
    const value = BigInt.asUintN(isWide ? 64 : 32, read(a) + sign * read(b));
    out[i] = Number(value & 0xffffffffn);
    if (isWide) out[i + 1] = Number(value >> 32n);
    i += isWide ? 2 : 1;
  }
  return out;
}

test('sums and differences are those of the ring, carries and statistics included', (t) => {
  const property = fc.property(pairs, ([layout, a, b]) => {
    const [sum, difference] = [a.slice(), a.slice()];
    addInto(sum, b, layout);
    subtractFrom(difference, b, layout);
    t.deepEqual(sum, expected(layout, a, b, 1n));
    t.deepEqual(difference, expected(layout, a, b, -1n));
  });
  fc.assert(property, { numRuns: 300 });
});

test('vectors longer than the kernel are added to their last word', (t) => {
  for (const ring of [32, 64] as const) {
    for (const more of [-1, 0, 1, 9]) {
      const layout = { ring, elements: (2 * KERNEL_BYTES_MAX) / (ring / 8) + more };
      const a = Uint32Array.from({ length: wordsOf(layout) }, (_, i) => Math.imul(i, 0x9e3779b1));
      const b = Uint32Array.from({ length: wordsOf(layout) }, (_, i) => Math.imul(i, 0x85ebca6b));
      const sum = a.slice();
      addInto(sum, b, layout);
      t.deepEqual(sum, expected(layout, a, b, 1n));
      subtractFrom(sum, b, layout);
      t.deepEqual(sum, a);
    }
  }
});

test('what was added can be subtracted again, in any order', (t) => {
  const property = fc.property(pairs, ([layout, a, b]) => {
    const sum = new Uint32Array(wordsOf(layout));
    addInto(sum, a, layout);
    addInto(sum, b, layout);
    subtractFrom(sum, a, layout);
    subtractFrom(sum, b, layout);
    t.true(sum.every((each) => each === 0));
  });
  fc.assert(property);
});

test('a vector travels as its words in little-endian order', (t) => {
  const layout = { ring: 32, elements: 1 } as const;
  const words = new Uint32Array(wordsOf(layout));
  words[0] = 0x04030201;
  const bytes = ringVectorToBytes(words);
  t.is(bytes.length, bytesOf(layout));
  t.deepEqual(bytes.subarray(0, 5), Uint8Array.of(1, 2, 3, 4, 0));
  const property = fc.property(pairs, ([each, a]) => {
    // At an odd offset, as slices of a message are.
    const shifted = new Uint8Array(bytesOf(each) + 1);
    shifted.set(ringVectorToBytes(a), 1);
    t.deepEqual(ringVectorFromBytes(shifted.subarray(1), each), { ok: true, value: a });
  });
  fc.assert(property);
});

test('bytes of another length are refused, words of another length are a broken caller', (t) => {
  const layout = { ring: 64, elements: 3 } as const;
  const size = bytesOf(layout);
  for (const length of [0, size - 1, size + 1, size * 2]) {
    const read = ringVectorFromBytes(new Uint8Array(length), layout);
    t.like(read, { ok: false, refusal: { reason: 'wrong-dimension' } });
  }
  const [right, wrong] = [new Uint32Array(size / 4), new Uint32Array(size / 4 + 1)];
  t.throws(() => addInto(right, wrong, layout), { instanceOf: RangeError });
  t.throws(() => subtractFrom(wrong, right, layout), { instanceOf: RangeError });
  t.throws(() => ringKernel.run('add', 32, KERNEL_BYTES_MAX + 1), {
    instanceOf: RangeError,
  });
});
