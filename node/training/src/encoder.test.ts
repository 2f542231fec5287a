import test from 'ava';
import { encode, initialParameters } from './encoder.ts';
import { hashTexts } from './hashing-features.ts';

const shape = { buckets: 1024, dimension: 16 };

test('the untrained table is the same bits for the same seed, on every platform', (t) => {
  const parameters = initialParameters(shape, 42);
  const bits = new Int32Array(parameters.buffer).reduce((h, w) => Math.imul(h ^ w, 31), 0);
  t.is(bits, 1_563_737_600);
  t.notDeepEqual(parameters, initialParameters(shape, 43));
});

test('the untrained table is Gaussian in its first four moments', (t) => {
  const parameters = initialParameters({ buckets: 8192, dimension: 128 }, 1);
  const scaled = parameters.map((x) => x * Math.sqrt(128));
  const moment = (power: number) => scaled.reduce((sum, x) => sum + x ** power, 0) / scaled.length;
  t.true(Math.abs(moment(1)) < 0.005);
  t.true(Math.abs(moment(2) - 1) < 0.01);
  t.true(Math.abs(moment(3)) < 0.02);
  // Irwin–Hall with 12 terms has kurtosis 2.9.
  t.true(Math.abs(moment(4) - 2.9) < 0.05);
});

test('rows have unit norm, and a row without features is all zeros', (t) => {
  const features = hashTexts(['read the file', '', 'write'], shape.buckets);
  const encoded = encode(shape, initialParameters(shape, 1), features);
  const norm = (row: number) =>
    Math.hypot(...encoded.subarray(row * shape.dimension, (row + 1) * shape.dimension));
  t.true(Math.abs(norm(0) - 1) < 1e-6);
  t.is(norm(1), 0);
  t.true(Math.abs(norm(2) - 1) < 1e-6);
});

test('a table or features of another shape are refused', (t) => {
  const parameters = initialParameters(shape, 1);
  const expectation = { code: 'shape-mismatch' };
  t.throws(() => encode(shape, parameters.slice(1), hashTexts(['a'], 1024)), expectation);
  t.throws(() => encode(shape, parameters, hashTexts(['a'], 512)), expectation);
  t.throws(() => initialParameters({ buckets: 8, dimension: 12 }, 1), expectation);
});
