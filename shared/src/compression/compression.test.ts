import test from 'ava';
import fc from 'fast-check';
import { firstNonFinite } from '../flat-tensor.ts';
import { carriedBytes, carryBytes } from './carried-bytes.ts';
import { type CompressionOptions, compressUpdate } from './compress-update.ts';
import { decompressUpdate } from './decompress-update.ts';
import { floatFromHalf, halfFromFloat } from './half-float.ts';

const OPTIONS: readonly CompressionOptions[] = [
  { method: 'fp16' },
  { method: 'int8', blockSize: 16 },
  { method: 'int8', rounding: 'stochastic', seed: 9 },
  { method: 'int4' },
  { method: 'int4', blockSize: 16, rounding: 'stochastic' },
  { method: 'top-k', density: 0.3 },
  { method: 'top-k', density: 0.5, values: 'float32' },
  { method: 'top-k', density: 1, values: 'int8' },
  { method: 'top-k', density: 0.4, values: 'int4' },
];

const update = fc
  .array(
    fc.oneof(
      fc.float({ noNaN: true, noDefaultInfinity: true }),
      fc.float({ min: -1, max: 1, noNaN: true }),
    ),
    {
      maxLength: 70,
    },
  )
  .map((values) => Float32Array.from(values));

function opened(bytes: Uint8Array, elements: number): Float32Array {
  const read = decompressUpdate(bytes, elements);
  if (!read.ok) throw new Error(`${read.refusal.reason}: ${read.refusal.detail}`);
  return read.value;
}

function refusalOf(bytes: Uint8Array, elements: number): string {
  const read = decompressUpdate(bytes, elements);
  return read.ok ? 'taken' : `${read.refusal.reason}: ${read.refusal.detail}`;
}

test('every update comes back finite and of its length, however it was compressed', (t) => {
  fc.assert(
    fc.property(update, fc.constantFrom(...OPTIONS), (values, options) => {
      const back = opened(compressUpdate(values, options), values.length);
      t.is(back.length, values.length);
      t.is(firstNonFinite(back), -1);
    }),
  );
});

test('rounding to whole codes is off by half a step at most, by a whole one when it is drawn', (t) => {
  fc.assert(
    fc.property(update, fc.constantFrom('nearest', 'stochastic' as const), (values, rounding) => {
      for (const [method, top] of [
        ['int8', 127],
        ['int4', 7],
      ] as const) {
        const bytes = compressUpdate(values, { method, rounding, blockSize: 16 });
        for (const [i, back] of opened(bytes, values.length).entries()) {
          const block = values.subarray(i - (i % 16), i - (i % 16) + 16);
          const step = Math.max(...block.map(Math.abs)) / top;
          const allowed = (rounding === 'nearest' ? 0.5001 : 1.0001) * step + 2 ** -140;
          t.true(Math.abs(back - (values[i] ?? 0)) <= allowed);
        }
      }
    }),
  );
});

test('drawn rounding is right in the mean, and follows from the seed', (t) => {
  const values = Float32Array.of(7, 0.3, -0.3, 2.6);
  const options = { method: 'int4', rounding: 'stochastic' } as const;
  const sums = [0, 0, 0, 0];
  for (let seed = 0; seed < 4000; seed++) {
    const back = opened(compressUpdate(values, { ...options, seed }), 4);
    for (const [i, value] of back.entries()) sums[i] = (sums[i] ?? 0) + value / 4000;
  }
  for (const [i, mean] of sums.entries()) t.true(Math.abs(mean - (values[i] ?? 0)) < 0.03);
  const again = compressUpdate(values, { ...options, seed: 5 });
  t.deepEqual(compressUpdate(values, { ...options, seed: 5 }), again);
});

test('top-k keeps the largest and the earlier of equals, exactly where they were', (t) => {
  const values = Float32Array.of(1, -5, 2, 0, -2, 3);
  const keep = (density: number) => [
    ...opened(compressUpdate(values, { method: 'top-k', density, values: 'float32' }), 6),
  ];
  t.deepEqual(keep(0.5), [0, -5, 2, 0, 0, 3]);
  t.deepEqual(keep(0.01), [0, -5, 0, 0, 0, 0]);
  t.deepEqual(keep(1), [...values]);
  fc.assert(
    fc.property(update, (drawn) => {
      const bytes = compressUpdate(drawn, { method: 'top-k', density: 0.3, values: 'float32' });
      const back = opened(bytes, drawn.length);
      const kept = drawn.filter((value, i) => value !== 0 && back[i] === value).map(Math.abs);
      const left = drawn.filter((_, i) => back[i] === 0).map(Math.abs);
      t.true(Math.max(0, ...left) <= Math.min(Number.MAX_VALUE, ...kept));
    }),
  );
});

test('halves are those of the platform', (t) => {
  const view = new DataView(new ArrayBuffer(4));
  for (let half = 0; half < 1 << 16; half++) {
    view.setUint16(0, half);
    const value = floatFromHalf(half);
    if (!Number.isFinite(value)) {
      t.is((half >>> 10) & 31, 31);
      continue;
    }
    if (halfFromFloat(value) !== half) t.fail(`${half}`);
  }
  // Ties go to the even half, and what is too large to the largest.
  t.is(halfFromFloat(1 + 2 ** -11), 0x3c00);
  t.is(halfFromFloat(1 + 3 * 2 ** -11), 0x3c02);
  t.is(halfFromFloat(2 ** -25), 0);
  t.is(halfFromFloat(3 * 2 ** -25), 2);
  t.is(halfFromFloat(65519), 0x7bff);
  t.is(halfFromFloat(-1e30), 0xfbff);
});

test('int8 costs at most 25.1 % of the bytes, carriage and scales included', (t) => {
  const values = Float32Array.from({ length: 199_210 }, (_, i) => ((i * 7919) % 1013) - 506);
  const share = (options: CompressionOptions) =>
    carryBytes(compressUpdate(values, options)).byteLength / values.byteLength;
  t.true(share({ method: 'int8' }) <= 0.251);
  t.true(share({ method: 'fp16' }) <= 0.502);
  t.true(share({ method: 'int4' }) <= 0.142);
  t.true(share({ method: 'top-k', density: 0.01 }) <= 0.01);
});

test('bytes travel as finite numbers and come back, whatever they are', (t) => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 4000 }),
    fc
      .array(fc.constantFrom(0x7f, 0xff, 0x80, 0), { maxLength: 4000 })
      .map((all) => Uint8Array.from(all)),
  );
  fc.assert(
    fc.property(bytes, (given) => {
      const numbers = carryBytes(given);
      t.is(firstNonFinite(numbers), -1);
      const back = carriedBytes(numbers.map((number) => number));
      t.true(back.ok);
      if (back.ok) t.deepEqual([...back.value], [...given]);
    }),
    { numRuns: 60 },
  );
  // One group that uses all exponents but one, which needs a mask.
  const all = Uint32Array.from({ length: 255 }, (_, i) => (255 - i) << 23);
  const numbers = carryBytes(new Uint8Array(all.buffer));
  t.is(firstNonFinite(numbers), -1);
  t.true(carriedBytes(numbers).ok);
});

test('numbers that carry no bytes, or carry them in another way, are refused', (t) => {
  const sound = carryBytes(Uint8Array.of(1, 2, 3));
  const changed = (at: number, value: number) => sound.with(at, value);
  for (const numbers of [
    new Float32Array(0),
    Float32Array.of(3),
    changed(0, 2.5),
    changed(0, Number.NaN),
    changed(0, -1),
    changed(0, 9),
    changed(1, 1),
    changed(2, 1),
    changed(2, 0.5),
    changed(3, Number.NaN),
  ]) {
    t.false(carriedBytes(numbers).ok);
  }
});

const edited = (bytes: Uint8Array, at: number, ...values: number[]) => {
  const copy = bytes.slice();
  copy.set(values, at);
  return copy;
};

test('hostile bytes are refused with what is wrong', (t) => {
  const values = Float32Array.of(3, -1, 2);
  const int8 = compressUpdate(values, { method: 'int8' });
  const int4 = compressUpdate(values, { method: 'int4' });
  const sparse = compressUpdate(values, { method: 'top-k', density: 0.6, values: 'float32' });
  const NAN = [0, 0, 0xc0, 0x7f];
  const refusals: readonly (readonly [Uint8Array, RegExp])[] = [
    [new Uint8Array(0), /wrong-shape: 0 bytes, a header has 16/],
    [edited(int8, 0, 1), /wrong-type: is no compressed update/],
    [edited(int8, 4, 2), /wrong-type: version 2, not 1/],
    [edited(int8, 5, 9), /wrong-shape: values of kind 9/],
    [edited(int8, 5, 0, 0), /plain float32/],
    [edited(int8, 6, 2), /sparse is 2/],
    [edited(int8, 7, 3), /blocks of 8 for int8/],
    [edited(int8, 7, 200), /blocks of/],
    [edited(int8, 8, 4, 0, 0, 0, 4), /wrong-dimension: .* 4 elements, not 3/],
    [edited(int8, 11, 255), /oversized/],
    [edited(int8, 12, 2), /wrong-shape: 2 values of 3 elements/],
    [int8.subarray(0, -1), /wrong-shape: 6 bytes for 3 values in int8, not 7/],
    [Uint8Array.of(...int8, 0), /wrong-shape: 8 bytes/],
    [edited(int8, 16, ...NAN), /non-finite: scale 0 is NaN/],
    [edited(int8, 16, 0, 0, 0x80, 0x7f), /scale 0 is Infinity/],
    [edited(int8, 16, 0, 0, 0x80, 0xbf), /scale 0 is -1/],
    [edited(int8, 16, 0, 0, 0, 0x80), /scale 0 is 0/],
    [edited(int8, 16, 0, 0, 0, 0), /value 0 is 127 with a scale of 0/],
    [edited(int8, 16, 255, 255, 127, 127), /scale 0 is 3.4/],
    [edited(int8, 20, 0x80), /value 0 is -128, at least -127/],
    [edited(int4, 20, 0x08), /value 0 is -8, at least -7/],
    [edited(int4, 21, 0x15), /bits behind the last value/],
    [edited(compressUpdate(values, { method: 'fp16' }), 17, 0x7c), /value 0 is (NaN|Infinity)/],
    [edited(sparse, 18, ...NAN), /non-finite: element 0 is NaN/],
    [edited(sparse, 17, 5), /wrong-dimension: place 1 is 6 of 3 elements/],
    [edited(sparse, 16, 0x80, 0), /place 0 is written longer/],
    [edited(sparse, 16, 255, 255, 255, 255, 255), /place 0 is written too long/],
    [edited(sparse, 12, 255, 255), /65535 values of 3 elements/],
    [sparse.subarray(0, 17), /wrong-shape: 2 places in 17 bytes/],
    [edited(sparse, 17, 0x81).subarray(0, 18), /ends within place 1 of 2/],
  ];
  for (const [bytes, wanted] of refusals) t.regex(refusalOf(bytes, 3), wanted);
});

test('bytes that were changed at random are refused or decode to something finite', (t) => {
  fc.assert(
    fc.property(
      update.filter((values) => values.length > 0),
      fc.constantFrom(...OPTIONS),
      fc.nat(),
      fc.nat({ max: 255 }),
      (values, options, where, value) => {
        const bytes = compressUpdate(values, options);
        const read = decompressUpdate(edited(bytes, where % bytes.length, value), values.length);
        if (read.ok) t.is(firstNonFinite(read.value), -1);
        else t.truthy(read.refusal.detail);
      },
    ),
    { numRuns: 300 },
  );
});

test('what cannot be compressed is named', (t) => {
  const compress = (options: object, values = Float32Array.of(1)) =>
    compressUpdate(values, { method: 'int8', ...options });
  t.throws(() => compress({}, Float32Array.of(1, Number.NaN)), { message: /element 1 .* is NaN/ });
  t.throws(() => compress({ method: 'int2' }), { message: /method is int2; expected fp16, int8/ });
  t.throws(() => compress({ blockSize: 100 }), { message: /blockSize is 100; expected a power/ });
  t.throws(() => compress({ blockSize: 8 }), { message: /from 16 to 65536/ });
  t.throws(() => compress({ method: 'top-k', density: 0 }), { message: /density is 0/ });
  t.throws(() => compress({ rounding: 'up' }), { message: /rounding is up/ });
  t.throws(() => compress({ seed: -1 }), { message: /seed is -1/ });
  t.throws(() => compress({ values: 'int2' }), { message: /values is int2/ });
});
