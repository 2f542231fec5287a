import test from 'ava';
import fc from 'fast-check';
import { AEAD_KEY_BYTES, AEAD_TAG_BYTES, openOnce, sealOnce } from './aead.ts';

const none = new Uint8Array(0);
const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

test('test cases 13 and 14 of the GCM specification give their published boxes', (t) => {
  const key = new Uint8Array(AEAD_KEY_BYTES);
  t.is(hexOf(sealOnce(key, none, none)), '530f8afbc74536b9a963b4f1c4cb738b');
  t.is(
    hexOf(sealOnce(key, new Uint8Array(16), none)),
    'cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919',
  );
});

const keys = fc.uint8Array({ minLength: AEAD_KEY_BYTES, maxLength: AEAD_KEY_BYTES });
const bytes = fc.uint8Array({ maxLength: 300 });

test('what was sealed opens, under its own key and associated data only', (t) => {
  fc.assert(
    fc.property(keys, keys, bytes, bytes, (key, other, plaintext, aad) => {
      const box = sealOnce(key, plaintext, aad);
      t.is(box.byteLength, plaintext.byteLength + AEAD_TAG_BYTES);
      t.deepEqual(openOnce(key, box, aad), plaintext);
      t.is(openOnce(key, box, Uint8Array.of(...aad, 0)), undefined);
      if (hexOf(key) !== hexOf(other)) t.is(openOnce(other, box, aad), undefined);
    }),
  );
});

test('one flipped bit anywhere and the box does not open', (t) => {
  fc.assert(
    fc.property(keys, bytes, bytes, fc.nat(), (key, plaintext, aad, at) => {
      const box = sealOnce(key, plaintext, aad);
      const bit = at % (box.byteLength * 8);
      box[bit >> 3] = (box[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      t.is(openOnce(key, box, aad), undefined);
    }),
  );
});

test('opening answers undefined for lengths that cannot be right and never throws', (t) => {
  const box = sealOnce(new Uint8Array(AEAD_KEY_BYTES), Uint8Array.of(1, 2, 3), none);
  for (const length of [0, 16, 31, 33])
    t.is(openOnce(new Uint8Array(length), box, none), undefined);
  const key = new Uint8Array(AEAD_KEY_BYTES);
  for (let end = 0; end < box.byteLength; end++) {
    t.is(openOnce(key, box.subarray(0, end), none), undefined);
  }
});

test('sealing with a key of another length is a broken caller', (t) => {
  t.throws(() => sealOnce(new Uint8Array(16), none, none), { instanceOf: RangeError });
});
