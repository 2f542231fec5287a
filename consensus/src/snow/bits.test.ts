import type { Digest } from '@starling/shared';
import test from 'ava';
import fc from 'fast-check';
import { bitOf, DIGEST_BITS, firstDifference } from './bits.ts';

const digests = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => Buffer.from(bytes).toString('hex') as Digest);

test('bit i is bit i mod 8, from the least significant, of byte i div 8', (t) => {
  fc.assert(
    fc.property(digests, fc.nat(DIGEST_BITS - 1), (id, index) => {
      const byte = Buffer.from(id, 'hex')[index >> 3] ?? 0;
      t.is(bitOf(id, index), ((byte >> (index & 7)) & 1) as 0 | 1);
    }),
    { numRuns: 1000 },
  );
});

test('the first difference is the first bit that differs, within the range only', (t) => {
  const range = fc.tuple(fc.nat(DIGEST_BITS), fc.nat(DIGEST_BITS));
  fc.assert(
    fc.property(digests, digests, range, (left, right, [from, to]) => {
      const bits = Array.from({ length: DIGEST_BITS }, (_, i) => i);
      const expected = bits.find((i) => i >= from && i < to && bitOf(left, i) !== bitOf(right, i));
      t.is(firstDifference(from, to, left, right), expected);
    }),
    { numRuns: 500 },
  );
});

test('a digest does not differ from itself; the last bit is the top bit of the last byte', (t) => {
  const zero = '0'.repeat(64) as Digest;
  t.is(firstDifference(0, DIGEST_BITS, zero, zero), undefined);
  t.is(firstDifference(0, DIGEST_BITS, zero, `${'0'.repeat(62)}80` as Digest), 255);
});
