import { createHmac } from 'node:crypto';
import test from 'ava';
import fc from 'fast-check';
import { HKDF_BYTES_MAX, HKDF_INFO_BYTES_MAX, hkdfSha256 } from './hkdf.ts';

test('test case 3 of RFC 5869 (no salt, no info) gives its published bytes', (t) => {
  const okm = hkdfSha256(new Uint8Array(22).fill(0x0b), new Uint8Array(0), 42);
  t.is(
    Buffer.from(okm).toString('hex'),
    '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8',
  );
});

test('one block is what two HMACs by the RFC give, for any secret and info', (t) => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 80 }),
      fc.uint8Array({ maxLength: HKDF_INFO_BYTES_MAX, size: 'max' }),
      (secret, info) => {
        const prk = createHmac('sha256', new Uint8Array(32)).update(secret).digest();
        const block = createHmac('sha256', prk).update(info).update(Uint8Array.of(1)).digest();
        t.deepEqual(hkdfSha256(secret, info), new Uint8Array(block));
      },
    ),
  );
});

test('a length or info beyond its limit is a broken caller', (t) => {
  const expected = { instanceOf: RangeError };
  const [secret, info] = [new Uint8Array(32), new Uint8Array(1)];
  for (const bytes of [0, -1, 1.5, Number.NaN, HKDF_BYTES_MAX + 1]) {
    t.throws(() => hkdfSha256(secret, info, bytes), expected);
  }
  t.throws(() => hkdfSha256(secret, new Uint8Array(HKDF_INFO_BYTES_MAX + 1)), expected);
  t.is(hkdfSha256(secret, info, HKDF_BYTES_MAX).byteLength, HKDF_BYTES_MAX);
});
