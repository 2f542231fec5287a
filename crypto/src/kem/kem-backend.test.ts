import test from 'ava';
import fc from 'fast-check';
import { systemRandom } from '../random-source.ts';
import {
  KEM_SECRET_BYTES,
  KEM_SIZES,
  type KemBackend,
  type KemEncapsulation,
  type KemSuite,
} from './kem-backend.ts';
import { nobleKem } from './noble-kem.ts';
import { hasNodeKem, nodeKem, selectKemBackend } from './select-kem-backend.ts';

const native = hasNodeKem('x-wing');
const suites = Object.keys(KEM_SIZES) as KemSuite[];

function backendsOf(suite: KemSuite): KemBackend[] {
  return native ? [nodeKem(suite), nobleKem(suite)] : [nobleKem(suite)];
}

function sentTo(backend: KemBackend, publicKey: Uint8Array): KemEncapsulation {
  const sent = backend.encapsulate(publicKey);
  if (sent === undefined) throw new Error(`${backend.name} refuses a good key of ${backend.suite}`);
  return sent;
}

for (const suite of suites) {
  const { seedBytes, publicKeyBytes, ciphertextBytes } = KEM_SIZES[suite];

  test(`${suite}: each backend opens what either encapsulated, and keys have their sizes`, (t) => {
    if (!native) t.log('skipped: this runtime has no native ML-KEM');
    const seed = systemRandom(seedBytes);
    for (const sender of backendsOf(suite)) {
      for (const receiver of backendsOf(suite)) {
        const key = receiver.createKey(seed);
        t.is(key.publicKey.byteLength, publicKeyBytes);
        t.deepEqual(key.publicKey, sender.createKey(seed).publicKey);
        const { ciphertext, sharedSecret } = sentTo(sender, key.publicKey);
        t.is(ciphertext.byteLength, ciphertextBytes);
        t.is(sharedSecret.byteLength, KEM_SECRET_BYTES);
        t.deepEqual(key.decapsulate(ciphertext), sharedSecret);
      }
    }
  });

  for (const backend of backendsOf(suite)) {
    const runs = { numRuns: backend.name === 'node' ? 100 : 5 };

    test(`${suite} by ${backend.name}: every encapsulation shares another secret`, (t) => {
      const { publicKey } = backend.createKey(systemRandom(seedBytes));
      const sent = [1, 2].map(() => sentTo(backend, publicKey));
      t.notDeepEqual(sent[0]?.ciphertext, sent[1]?.ciphertext);
      t.notDeepEqual(sent[0]?.sharedSecret, sent[1]?.sharedSecret);
    });

    test(`${suite} by ${backend.name}: a key outlives its seed and the callers' arrays`, (t) => {
      const seed = systemRandom(seedBytes);
      const key = backend.createKey(seed);
      seed.fill(0);
      const { ciphertext, sharedSecret } = sentTo(backend, key.publicKey);
      key.publicKey.fill(0);
      t.deepEqual(key.decapsulate(ciphertext), sharedSecret);
    });

    test(`${suite} by ${backend.name}: one flipped bit gives another secret or none`, (t) => {
      const key = backend.createKey(systemRandom(seedBytes));
      const { ciphertext, sharedSecret } = sentTo(backend, key.publicKey);
      fc.assert(
        fc.property(fc.nat({ max: ciphertextBytes * 8 - 1 }), (bit) => {
          const changed = ciphertext.slice();
          changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
          t.notDeepEqual(key.decapsulate(changed), sharedSecret);
        }),
        runs,
      );
    });

    test(`${suite} by ${backend.name}: malformed keys and ciphertexts are refused as values`, (t) => {
      const key = backend.createKey(systemRandom(seedBytes));
      const bytes = fc.uint8Array({ maxLength: 2 * publicKeyBytes, size: 'max' });
      fc.assert(
        fc.property(bytes, (any) => {
          if (any.byteLength !== publicKeyBytes) t.is(backend.encapsulate(any), undefined);
          if (any.byteLength !== ciphertextBytes) t.is(key.decapsulate(any), undefined);
        }),
        runs,
      );
      const outOfRange = key.publicKey.slice().fill(0xff, 0, 3);
      t.is(backend.encapsulate(outOfRange), undefined, 'coefficients of 4095 (FIPS 203 §7.2)');
      const least = key.publicKey.slice();
      least.set([0x01, ((least[1] ?? 0) & 0xf0) | 0x0d]);
      t.is(backend.encapsulate(least), undefined, 'a coefficient of 3329 itself');
    });

    test(`${suite} by ${backend.name}: a seed of another length is a broken caller`, (t) => {
      for (const length of [0, seedBytes - 1, seedBytes + 1]) {
        t.throws(() => backend.createKey(new Uint8Array(length)), { instanceOf: RangeError });
      }
    });
  }
}

test('the native backend is chosen where it exists, once', (t) => {
  for (const suite of suites) {
    t.is(selectKemBackend(suite).name, hasNodeKem(suite) ? 'node' : 'noble');
    t.is(selectKemBackend(suite), selectKemBackend(suite));
    t.is(selectKemBackend(suite).suite, suite);
  }
});
