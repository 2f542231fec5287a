import test from 'ava';
import fc from 'fast-check';
import { Mt19937 } from './mt19937.ts';
import { drawBelow, type RandomSource, uint64Inclusive } from './random-source.ts';

const MAX_63 = 2n ** 63n - 1n;
const MAX_64 = 2n ** 64n - 1n;

/** Plays 64-bit numbers, high word first. */
class Played implements RandomSource {
  readonly words: number[];

  constructor(numbers: readonly bigint[]) {
    this.words = numbers.flatMap((each) => [Number(each >> 32n), Number(each & 0xffff_ffffn)]);
  }

  nextUint32(): number {
    const [word] = this.words.splice(0, 1);
    if (word === undefined) throw new RangeError('nothing left to play');
    return word;
  }
}

const vectors: readonly (readonly [bigint, readonly bigint[], bigint])[] = [
  [MAX_64, [1n], 1n],
  [MAX_64, [0x0102030405060708n], 0x0102030405060708n],
  [MAX_64, [0xf102030405060708n], 0xf102030405060708n],
  [MAX_63, [1n], 1n],
  [MAX_63, [0x0102030405060708n], 0x0102030405060708n],
  [MAX_63, [0x8102030405060708n], 0x0102030405060708n],
  [15n, [0x810203040506071an], 0x0an],
  [MAX_63 + 1n, [MAX_63 + 1n], MAX_63 + 1n],
  [MAX_63 + 1n, [MAX_63 + 2n, 0n], 0n],
  [MAX_63 + 1n, [MAX_63 + 2n, 0x0102030405060708n], 0x0102030405060708n],
  [2n, [MAX_63 - 2n], 2n],
  [2n, [MAX_63 - 1n, 1n], 1n],
];

for (const [i, [maximum, played, expected]] of vectors.entries()) {
  test(`draw ${i} up to ${maximum}: ${expected} after ${played.length} numbers`, (t) => {
    const random = new Played(played);
    t.is(uint64Inclusive(random, maximum), expected);
    t.is(random.words.length, 0);
    if (maximum > BigInt(Number.MAX_SAFE_INTEGER)) return;
    const again = new Played(played);
    t.is(BigInt(drawBelow(again, Number(maximum) + 1)), expected);
    t.is(again.words.length, 0);
  });
}

test('a draw in plain numbers is the 64-bit draw, from the same words', (t) => {
  const bound = fc.oneof(
    fc.integer({ min: 1, max: 300 }),
    fc.integer({ min: 1, max: 2 ** 31 - 1 }),
    fc.integer({ min: 2 ** 26 - 3, max: 2 ** 26 + 3 }),
    fc.maxSafeInteger().map((each) => Math.abs(each) + 1),
  );
  const high = fc.oneof(fc.constant(0x7fff_ffffn), fc.bigInt({ min: 0n, max: 0xffff_ffffn }));
  const low = fc.oneof(
    fc.bigInt({ min: 0xffff_ff00n, max: 0xffff_ffffn }),
    fc.bigInt({ min: 0n, max: 0xffff_ffffn }),
  );
  const words = fc.array(fc.tuple(high, low), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(bound, words, (below, pairs) => {
      // Zero is never in the incomplete range, so the last number ends every draw.
      const numbers = [...pairs.map(([h, l]) => (h << 32n) | l), 0n];
      const [plain, wide] = [new Played(numbers), new Played(numbers)];
      t.is(drawBelow(plain, below), Number(uint64Inclusive(wide, BigInt(below) - 1n)));
      t.is(plain.words.length, wide.words.length);
    }),
    { numRuns: 2000 },
  );
});

test('a bound out of range is a broken caller', (t) => {
  for (const bound of [0, -1, 1.5, 2 ** 54, Number.NaN]) {
    t.throws(() => drawBelow(new Mt19937(0), bound));
  }
  t.throws(() => uint64Inclusive(new Mt19937(0), 2n ** 64n));
  t.throws(() => uint64Inclusive(new Mt19937(0), -1n));
});
