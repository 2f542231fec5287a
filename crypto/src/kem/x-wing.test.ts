import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { systemRandom } from '../random-source.ts';
import {
  createXWingKey,
  X_WING_CIPHERTEXT_BYTES,
  X_WING_PUBLIC_KEY_BYTES,
  X_WING_SECRET_BYTES,
  X_WING_SEED_BYTES,
  xWingEncapsulate,
} from './x-wing.ts';

const VECTORS = resolve(import.meta.dirname, '../../../../shared/vectors/x-wing/test-vectors.json');

const bytesOf = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'));

test('the vectors of the X-Wing draft give their keys and shared secrets', (t) => {
  if (!existsSync(VECTORS)) {
    t.log('skipped: x-wing/test-vectors.json, it is not on this machine');
    t.pass();
    return;
  }
  const cases = JSON.parse(readFileSync(VECTORS, 'utf8'));
  t.true(cases.length > 0, 'the file yields no test');
  for (const { seed, pk, ct, ss } of cases) {
    const key = createXWingKey(bytesOf(seed));
    t.deepEqual(key.publicKey, bytesOf(pk));
    t.deepEqual(key.decapsulate(bytesOf(ct)), bytesOf(ss));
  }
});

test('both ends share a secret, another one at each encapsulation', (t) => {
  const key = createXWingKey(systemRandom(X_WING_SEED_BYTES));
  t.is(key.publicKey.byteLength, X_WING_PUBLIC_KEY_BYTES);
  const [first, second] = [xWingEncapsulate(key.publicKey), xWingEncapsulate(key.publicKey)];
  t.is(first?.ciphertext.byteLength, X_WING_CIPHERTEXT_BYTES);
  t.is(first?.sharedSecret.byteLength, X_WING_SECRET_BYTES);
  t.notDeepEqual(first?.sharedSecret, second?.sharedSecret);
  for (const each of [first, second]) {
    t.deepEqual(key.decapsulate(each?.ciphertext ?? new Uint8Array(0)), each?.sharedSecret);
  }
});

test('a key keeps working after its caller erased the seed', (t) => {
  const seed = systemRandom(X_WING_SEED_BYTES);
  const key = createXWingKey(seed);
  seed.fill(0);
  const sent = xWingEncapsulate(key.publicKey);
  t.deepEqual(key.decapsulate(sent?.ciphertext ?? new Uint8Array(0)), sent?.sharedSecret);
});

test('another ciphertext of the right length never gives the same secret', (t) => {
  const key = createXWingKey(systemRandom(X_WING_SEED_BYTES));
  const sent = xWingEncapsulate(key.publicKey);
  fc.assert(
    fc.property(fc.nat({ max: X_WING_CIPHERTEXT_BYTES * 8 - 1 }), (bit) => {
      const ciphertext = new Uint8Array(sent?.ciphertext ?? []);
      ciphertext[bit >> 3] = (ciphertext[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      t.notDeepEqual(key.decapsulate(ciphertext), sent?.sharedSecret);
    }),
  );
});

test('malformed keys and ciphertexts are refused as values', (t) => {
  const key = createXWingKey(systemRandom(X_WING_SEED_BYTES));
  const sent = xWingEncapsulate(key.publicKey);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 1300, size: 'max' }), (bytes) => {
      if (bytes.byteLength !== X_WING_PUBLIC_KEY_BYTES) t.is(xWingEncapsulate(bytes), undefined);
      if (bytes.byteLength !== X_WING_CIPHERTEXT_BYTES) t.is(key.decapsulate(bytes), undefined);
    }),
  );
  const outOfRange = key.publicKey.slice();
  outOfRange.fill(0xff, 0, 3);
  t.is(xWingEncapsulate(outOfRange), undefined, 'a coefficient of 3329 or more (FIPS 203 §7.2)');
  const lowOrder = key.publicKey.slice().fill(0, X_WING_PUBLIC_KEY_BYTES - 32);
  t.is(xWingEncapsulate(lowOrder), undefined, 'an X25519 point of low order');
  const lowOrderSent = sent?.ciphertext.slice().fill(0, X_WING_CIPHERTEXT_BYTES - 32);
  t.is(key.decapsulate(lowOrderSent ?? new Uint8Array(0)), undefined);
});

test('a seed of another length is a broken caller', (t) => {
  t.throws(() => createXWingKey(new Uint8Array(64)), { instanceOf: RangeError });
});
