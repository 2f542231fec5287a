import test from 'ava';
import fc from 'fast-check';
import { euclideanNorm, firstNonFinite, tensorFromBytes, tensorToBytes } from './flat-tensor.ts';

const finite = fc.float32Array({ noNaN: true, noDefaultInfinity: true, maxLength: 64 });
const notFinite = fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY);

test('finite values come back bit for bit, negative zero too', (t) => {
  fc.assert(
    fc.property(finite, (values) => {
      const result = tensorFromBytes(tensorToBytes(values), values.length);
      t.true(result.ok);
      if (result.ok) t.true(result.value.every((value, i) => Object.is(value, values[i])));
    }),
    { numRuns: 2000 },
  );
});

test('the bytes are little-endian float32', (t) => {
  const bytes = tensorToBytes(Float32Array.of(1, -2));
  t.deepEqual([...bytes], [0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0]);
});

test('one value that is not finite refuses the whole vector', (t) => {
  fc.assert(
    fc.property(finite, fc.nat(), notFinite, (values, position, bad) => {
      fc.pre(values.length > 0);
      const at = position % values.length;
      values[at] = bad;
      t.is(firstNonFinite(values), at);
      const result = tensorFromBytes(tensorToBytes(values), values.length);
      t.true(!result.ok && result.refusal.reason === 'non-finite');
    }),
    { numRuns: 2000 },
  );
});

test('another length than the expected one is refused', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat({ max: 30 }), (bytes, elements) => {
      fc.pre(bytes.byteLength !== elements * 4);
      const result = tensorFromBytes(bytes, elements);
      t.true(!result.ok && result.refusal.reason === 'wrong-dimension');
    }),
    { numRuns: 2000 },
  );
});

test('a view into a larger buffer reads and writes its own part only', (t) => {
  const whole = Float32Array.of(9, 1, 2, 9);
  const bytes = tensorToBytes(whole.subarray(1, 3));
  t.deepEqual(bytes, tensorToBytes(Float32Array.of(1, 2)));
  const shifted = new Uint8Array([7, ...bytes]).subarray(1);
  const result = tensorFromBytes(shifted, 2);
  t.true(result.ok);
  if (result.ok) t.deepEqual(result.value, Float32Array.of(1, 2));
});

test('the norm does not overflow where float32 would', (t) => {
  t.is(euclideanNorm(Float32Array.of(3, 4)), 5);
  t.true(Number.isFinite(euclideanNorm(Float32Array.of(3e38, 3e38))));
  t.is(euclideanNorm(new Float32Array(0)), 0);
});
