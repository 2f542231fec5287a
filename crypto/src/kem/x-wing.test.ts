import test from 'ava';
import { systemRandom } from '../random-source.ts';
import { xWingCases } from '../vectors-fixture.ts';
import { KEM_SIZES, type KemBackend } from './kem-backend.ts';
import { NOBLE_KEM, nobleKem } from './noble-kem.ts';
import { hasNodeKem, nodeKem } from './select-kem-backend.ts';
import {
  createXWingKey,
  X_WING_CIPHERTEXT_BYTES,
  X_WING_PUBLIC_KEY_BYTES,
  X_WING_SECRET_BYTES,
  X_WING_SEED_BYTES,
  xWingEncapsulate,
} from './x-wing.ts';

const backends: readonly KemBackend[] = hasNodeKem('x-wing')
  ? [nodeKem('x-wing'), nobleKem('x-wing')]
  : [nobleKem('x-wing')];

test('the vectors of the X-Wing draft give their keys and secrets through every backend', (t) => {
  for (const each of xWingCases(t) ?? []) {
    t.deepEqual(each.bytes('sk'), each.bytes('seed'));
    for (const backend of backends) {
      const key = createXWingKey(each.bytes('seed'), backend);
      t.deepEqual(key.publicKey, each.bytes('pk'), `${backend.name} ${each.id}`);
      t.deepEqual(
        key.decapsulate(each.bytes('ct')),
        each.bytes('ss'),
        `${backend.name} ${each.id}`,
      );
    }
    const sent = NOBLE_KEM['x-wing'].encapsulate(each.bytes('pk'), each.bytes('eseed'));
    t.deepEqual(sent.cipherText, each.bytes('ct'), each.id);
    t.deepEqual(sent.sharedSecret.slice(), each.bytes('ss'), each.id);
  }
});

test('the sizes of the draft are those of the backend', (t) => {
  t.deepEqual(KEM_SIZES['x-wing'], {
    seedBytes: X_WING_SEED_BYTES,
    publicKeyBytes: X_WING_PUBLIC_KEY_BYTES,
    ciphertextBytes: X_WING_CIPHERTEXT_BYTES,
  });
  const key = createXWingKey(systemRandom(X_WING_SEED_BYTES));
  const sent = xWingEncapsulate(key.publicKey);
  t.is(sent?.sharedSecret.byteLength, X_WING_SECRET_BYTES);
  t.deepEqual(key.decapsulate(sent?.ciphertext ?? new Uint8Array(0)), sent?.sharedSecret);
});

for (const backend of backends) {
  test(`${backend.name}: an X25519 point of low order is refused both ways`, (t) => {
    const key = createXWingKey(systemRandom(X_WING_SEED_BYTES), backend);
    const lowOrder = key.publicKey.slice().fill(0, X_WING_PUBLIC_KEY_BYTES - 32);
    t.is(xWingEncapsulate(lowOrder, backend), undefined);
    const sent = xWingEncapsulate(key.publicKey, backend);
    const ciphertext = sent?.ciphertext.slice().fill(0, X_WING_CIPHERTEXT_BYTES - 32);
    t.is(key.decapsulate(ciphertext ?? new Uint8Array(0)), undefined);
  });
}
