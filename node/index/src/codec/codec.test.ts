// What every codec promises, whatever it does with a row.

import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { IndexError, type IndexErrorCode } from '../index-error.ts';
import { clusteredRows, gaussianRows, rowOf } from '../sample-vectors.ts';
import { METRICS, type Metric } from '../vector-index.ts';
import { CodeScan } from './code-scan.ts';
import { CODEC_TYPES, type Codec, type CodecType } from './codec.ts';
import { createCodec, learnsFromRows, restoreCodec } from './create-codec.ts';

const DIMENSION = 21;
const ROWS = 60;
const LOSSLESS: readonly CodecType[] = ['f32', 'u8'];
const REFUSED: readonly string[] = ['u8 cosine', 'binary manhattan', 'rabitq manhattan'];
const PAIRS = CODEC_TYPES.flatMap((vectorType) =>
  METRICS.map((metric) => ({ vectorType, metric })),
).filter(({ vectorType, metric }) => !REFUSED.includes(`${vectorType} ${metric}`));

function rowsFor(vectorType: CodecType, seed: number): Float32Array {
  const rows = clusteredRows(seed, ROWS, DIMENSION, 6);
  return vectorType === 'u8' ? rows.map((x) => Math.abs(Math.trunc(x * 60)) & 0xff) : rows;
}

for (const { vectorType, metric } of PAIRS) {
  const rows = rowsFor(vectorType, 3);
  const make = () => createCodec({ vectorType, metric, dimension: DIMENSION, seed: 5 }, rows);

  test(`${vectorType} ${metric}: keys order as the distances they stand for`, (t) => {
    const scan = new CodeScan(make(), rows);
    const sorted = [...scan.rank(rowOf(rows, DIMENSION, 7))].sort((a, b) => a - b);
    const distances = sorted.map((key) => scan.codec.distanceOfKey(key));
    t.true(distances.every(Number.isFinite));
    t.deepEqual(
      distances,
      [...distances].sort((a, b) => a - b),
    );
  });

  test(`${vectorType} ${metric}: a codec restored from its parameters is the same`, (t) => {
    const codec = make();
    const { options, learned } = codec.parameters();
    const stored = JSON.parse(JSON.stringify(options));
    const restored = restoreCodec({ options: stored, learned: learned.slice() });
    const query = rowOf(rowsFor(vectorType, 9), DIMENSION, 0);
    const [before, after] = [new CodeScan(codec, rows), new CodeScan(restored, rows)];
    t.deepEqual(after.codes, before.codes);
    t.deepEqual(after.rank(query), before.rank(query));
    const distance = codec.distanceOfKey(before.keys[0] as number);
    t.is(restored.distanceOfKey(after.keys[0] as number), distance);
    t.is(restored.isLossless, LOSSLESS.includes(vectorType));
    t.deepEqual(
      restored.decode(after.codes.slice(0, codec.rowBytes)),
      codec.decode(before.codes.slice(0, codec.rowBytes)),
    );
    if (!learnsFromRows(options)) return;
    const cut = () => restoreCodec({ options, learned: learned.slice(1) });
    t.is(t.throws(cut, { instanceOf: IndexError }).code, 'corrupt-file');
    const endless = learned.slice().fill(Number.POSITIVE_INFINITY);
    const open = () => restoreCodec({ options, learned: endless });
    t.is(t.throws(open, { instanceOf: IndexError }).code, 'corrupt-file');
  });

  test(`${vectorType} ${metric}: a row fills its bytes and no others, a query too`, (t) => {
    const codec = make();
    const { rowBytes, queryBytes } = codec;
    t.is(rowBytes % 16, 0);
    t.is(queryBytes % 16, 0);
    const clean = new Uint8Array(rowBytes);
    codec.encode(rows, DIMENSION, clean, 0);
    const dirty = new Uint8Array(rowBytes + 32).fill(0xaa);
    codec.encode(rows, DIMENSION, dirty, 16);
    t.deepEqual(dirty.slice(16, 16 + rowBytes), clean);
    t.true([...dirty.subarray(0, 16), ...dirty.subarray(16 + rowBytes)].every((x) => x === 0xaa));
    const query = rowOf(rows, DIMENSION, 1);
    const prepared = new Uint8Array(queryBytes);
    codec.prepareQuery(query, prepared);
    const room = new Uint8Array(queryBytes + 32).fill(0xaa);
    codec.prepareQuery(query, room.subarray(16, 16 + queryBytes));
    t.deepEqual(room.slice(16, 16 + queryBytes), prepared);
    t.true([...room.subarray(0, 16), ...room.subarray(16 + queryBytes)].every((x) => x === 0xaa));
    if (!codec.buildsOnExactRows) t.deepEqual(prepared, clean);
  });

  test(`${vectorType} ${metric}: zero and constant rows have finite keys and vectors`, (t) => {
    const flat = new Float32Array(3 * DIMENSION).fill(0, DIMENSION).fill(7, 0, DIMENSION);
    const codec = createCodec({ vectorType, metric, dimension: DIMENSION }, flat);
    const scan = new CodeScan(codec, flat);
    for (const row of [0, 1]) {
      const keys = scan.rank(rowOf(flat, DIMENSION, row));
      t.true([...keys].every((key) => Number.isFinite(codec.distanceOfKey(key))));
      const code = scan.codes.slice(row * codec.rowBytes, (row + 1) * codec.rowBytes);
      t.true(codec.decode(code).every(Number.isFinite));
    }
  });
}

function decoded(codec: Codec, row: Float32Array): Float32Array {
  const code = new Uint8Array(codec.rowBytes);
  codec.encode(row, 0, code, 0);
  return codec.decode(code);
}

const lossless = { dimension: DIMENSION, metric: 'euclidean' as Metric };

testProp(
  'what is decoded is within the bound of its type',
  [
    fc.array(fc.float({ min: -60_000, max: 60_000, noNaN: true }), {
      minLength: DIMENSION,
      maxLength: DIMENSION,
    }),
    fc.nat({ max: 1_000 }),
  ],
  (t, components, seed) => {
    const row = Float32Array.from(components);
    const sample = new Float32Array([...gaussianRows(seed, 3, DIMENSION), ...row]);
    const off = (codec: Codec) => decoded(codec, row).map((value, i) => value - (row[i] as number));
    t.true(off(createCodec({ ...lossless, vectorType: 'f32' })).every((value) => value === 0));
    const halves = off(createCodec({ ...lossless, vectorType: 'f16' }));
    t.true(halves.every((x, i) => Math.abs(x) <= Math.abs(row[i] as number) / 2_048 + 2 ** -25));
    const scaled = createCodec({ ...lossless, vectorType: 'sq8' }, sample);
    const scale = scaled.parameters().learned[DIMENSION] as number;
    t.true(off(scaled).every((x) => Math.abs(x) <= 0.5001 * scale + 0.02));
    const signed = createCodec({ ...lossless, metric: 'dot', vectorType: 'sq8' });
    const largest = row.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    t.true(off(signed).every((x) => Math.abs(x) <= largest / 253.9 + 1e-30));
    const bytes = row.map((value) => Math.abs(Math.trunc(value)) & 0xff);
    t.deepEqual(decoded(createCodec({ ...lossless, vectorType: 'u8' }), bytes), bytes);
  },
  { seed: 203, numRuns: 200 },
);

test('bytes are encoded as the same floats are', (t) => {
  const rows = rowsFor('u8', 4);
  for (const { vectorType, metric } of PAIRS) {
    const codec = createCodec({ vectorType, metric, dimension: DIMENSION }, rows);
    const [fromFloats, fromBytes] = [codec.rowBytes, codec.rowBytes].map((n) => new Uint8Array(n));
    if (fromFloats === undefined || fromBytes === undefined) return t.fail();
    codec.encode(rows, DIMENSION, fromFloats, 0);
    codec.encode(Uint8Array.from(rows), DIMENSION, fromBytes, 0);
    t.deepEqual(fromBytes, fromFloats);
  }
});

test('a row beyond the learned range is clamped, and a clipped share narrows the range', (t) => {
  const rows = Float32Array.from({ length: 100 }, (_, row) => row);
  const options = { vectorType: 'sq8', metric: 'euclidean', dimension: 1 } as const;
  const whole = createCodec(options, rows);
  const clipped = createCodec({ ...options, clippedShare: 0.1 }, rows);
  const ends = (codec: Codec) =>
    [-1e6, 1e6].map((value) =>
      Math.round(1 + (decoded(codec, Float32Array.of(value))[0] as number)),
    );
  t.deepEqual(ends(whole), [1, 100]);
  t.deepEqual(ends(clipped), [11, 90]);
});

test('an impossible pair is refused by name, with the types and metrics that work', (t) => {
  for (const pair of REFUSED) {
    const [vectorType, metric] = pair.split(' ') as [CodecType, Metric];
    const make = () => createCodec({ vectorType, metric, dimension: 2 }, new Float32Array(2));
    const error = t.throws(make, { instanceOf: IndexError });
    t.is(error.code, 'invalid-option');
    t.true(error.message.startsWith(`vectorType '${vectorType}' knows no ${metric}; use `));
    t.regex(error.message, /one of the vector types f32, f16,/);
  }
});

test('options outside their limits are refused', (t) => {
  const base = { vectorType: 'sq8', metric: 'euclidean', dimension: 4 } as const;
  const sample = new Float32Array(8);
  const wrong: readonly [() => Codec, IndexErrorCode][] = [
    [() => createCodec({ ...base, dimension: 0 }, sample), 'invalid-option'],
    [() => createCodec({ ...base, clippedShare: 0.5 }, sample), 'invalid-option'],
    [() => createCodec({ ...base, clippedShare: Number.NaN }, sample), 'invalid-option'],
    [() => createCodec({ ...base, subspaces: 5 }, sample), 'limit-exceeded'],
    [() => createCodec({ ...base, seed: -1 }, sample), 'invalid-option'],
    [() => createCodec({ ...base, queryBits: 5 as 4 }, sample), 'invalid-option'],
    [() => createCodec({ ...base, vectorType: 'pq9' as 'pq8' }, sample), 'invalid-option'],
    [() => createCodec(base), 'invalid-option'],
    [() => createCodec(base, new Float32Array(7)), 'dimension-mismatch'],
  ];
  for (const [make, code] of wrong) t.is(t.throws(make, { instanceOf: IndexError }).code, code);
});

test('components that a type cannot hold are refused', (t) => {
  const check = (vectorType: CodecType, metric: Metric, value: number) => () =>
    createCodec({ vectorType, metric, dimension: 1 }, Float32Array.of(1)).checkComponents(
      Float32Array.of(value),
    );
  t.is(t.throws(check('f16', 'dot', 70_000), { instanceOf: IndexError }).code, 'limit-exceeded');
  t.is(t.throws(check('u8', 'dot', 0.5), { instanceOf: IndexError }).code, 'no-byte');
  for (const vectorType of ['f32', 'sq8', 'pq8', 'pq4', 'binary', 'rabitq'] as const) {
    const error = t.throws(check(vectorType, 'dot', 1e20), { instanceOf: IndexError });
    t.is(error.code, 'limit-exceeded');
    t.notThrows(check(vectorType, 'cosine', 1e20));
  }
  t.notThrows(check('f16', 'cosine', 70_000));
});
