import test from 'ava';
import fc from 'fast-check';
import { nobleSignatures } from './noble-signatures.ts';
import { hasNodeSignatures, nodeSignatures } from './node-signatures.ts';
import { selectSignatureBackend } from './select-signature-backend.ts';
import {
  PUBLIC_KEY_BYTES,
  SEED_BYTES,
  SIGNATURE_BYTES,
  SIGNATURE_SIZES,
  type SignatureBackend,
  type SignatureSuite,
  SUITE,
} from './signature-backend.ts';

const native = hasNodeSignatures();
const suites = Object.keys(SIGNATURE_SIZES) as SignatureSuite[];
const backendsOf = (suite: SignatureSuite): readonly SignatureBackend[] =>
  native ? [nodeSignatures(suite), nobleSignatures(suite)] : [nobleSignatures(suite)];
const context = new TextEncoder().encode('starling/test/v1');
const message = new TextEncoder().encode('a flock of seven');

for (const backend of suites.flatMap(backendsOf)) {
  const { publicKeyBytes, signatureBytes } = SIGNATURE_SIZES[backend.suite];
  const name = `${backend.suite} by ${backend.name}`;

  test(`${name}: keys and signatures have the sizes of FIPS 204`, (t) => {
    const { secretSeed, publicKey } = backend.generate();
    t.is(secretSeed.byteLength, SEED_BYTES);
    t.is(publicKey.byteLength, publicKeyBytes);
    t.deepEqual(backend.publicKeyOf(secretSeed), publicKey);
    t.is(backend.sign(secretSeed, message, context).byteLength, signatureBytes);
  });

  test(`${name}: signing is hedged, two signatures of one message differ`, (t) => {
    const { secretSeed, publicKey } = backend.generate();
    const signatures = [1, 2].map(() => backend.sign(secretSeed, message, context));
    t.notDeepEqual(signatures[0], signatures[1]);
    for (const each of signatures) t.true(backend.verify(publicKey, message, context, each));
  });

  test(`${name}: another context, message or key does not verify`, (t) => {
    const { secretSeed, publicKey } = backend.generate();
    const signature = backend.sign(secretSeed, message, context);
    const other = new TextEncoder().encode('starling/other/v1');
    t.false(backend.verify(publicKey, message, other, signature));
    t.false(backend.verify(publicKey, context, context, signature));
    t.false(backend.verify(backend.generate().publicKey, message, context, signature));
  });

  test(`${name}: verifyAsync answers what verify does, after the turn that asked`, async (t) => {
    const { secretSeed, publicKey } = backend.generate();
    const signature = backend.sign(secretSeed, message, context);
    const other = new TextEncoder().encode('starling/other/v1');
    let isOver = false;
    const asked = backend.verifyAsync(publicKey, message, context, signature).then((answer) => {
      isOver = true;
      return answer;
    });
    await Promise.resolve();
    t.false(isOver);
    t.true(await asked);
    t.false(await backend.verifyAsync(publicKey, message, other, signature));
    t.false(await backend.verifyAsync(new Uint8Array(3), message, context, signature));
    t.false(await backend.verifyAsync(publicKey, message, context, new Uint8Array(7)));
    const zeros = new Uint8Array(publicKeyBytes);
    t.false(await backend.verifyAsync(zeros, message, context, signature));
    t.false(await backend.verifyAsync(publicKey, message, new Uint8Array(0), signature));
  });

  test(`${name}: verify answers false for malformed input and never throws`, (t) => {
    const { secretSeed, publicKey } = backend.generate();
    const signature = backend.sign(secretSeed, message, context);
    const bytes = fc.uint8Array({ maxLength: 400 });
    fc.assert(
      fc.property(bytes, bytes, bytes, (a, b, c) => {
        t.false(backend.verify(a, message, context, signature));
        t.false(backend.verify(publicKey, message, context, b));
        t.false(backend.verify(publicKey, message, c.subarray(0, 255), signature));
      }),
      { numRuns: backend.name === 'node' ? 200 : 10 },
    );
    const long = new Uint8Array(256);
    t.false(backend.verify(publicKey, message, long, signature));
    t.false(backend.verify(publicKey, message, new Uint8Array(0), signature));
    t.false(backend.verify(new Uint8Array(publicKeyBytes), message, context, signature));
    const zeros = new Uint8Array(signatureBytes);
    t.false(backend.verify(publicKey, message, context, zeros));
  });

  test(`${name}: a short seed or a bad context is a broken caller`, (t) => {
    const { secretSeed } = backend.generate();
    const expected = { instanceOf: RangeError };
    t.throws(() => backend.publicKeyOf(new Uint8Array(31)), expected);
    t.throws(() => backend.sign(new Uint8Array(64), message, context), expected);
    t.throws(() => backend.sign(secretSeed, message, new Uint8Array(0)), expected);
    t.throws(() => backend.sign(secretSeed, message, new Uint8Array(256)), expected);
  });
}

for (const suite of suites) {
  test(`${suite}: each backend verifies what the other one signed`, (t) => {
    if (!native) t.log('skipped: this runtime has no native ML-DSA');
    for (const signer of backendsOf(suite)) {
      const { secretSeed, publicKey } = signer.generate();
      for (const verifier of backendsOf(suite)) {
        t.deepEqual(verifier.publicKeyOf(secretSeed), publicKey);
        const signature = signer.sign(secretSeed, message, context);
        t.true(verifier.verify(publicKey, message, context, signature));
        signature[100] = (signature[100] ?? 0) ^ 1;
        t.false(verifier.verify(publicKey, message, context, signature));
      }
    }
  });
}

test('a signature of one suite is none of another', (t) => {
  for (const suite of suites) {
    const signer = selectSignatureBackend(suite);
    const { secretSeed, publicKey } = signer.generate();
    const signature = signer.sign(secretSeed, message, context);
    for (const other of suites.filter((each) => each !== suite).flatMap(backendsOf)) {
      t.false(other.verify(publicKey, message, context, signature));
    }
  }
});

test('members sign with ML-DSA-65', (t) => {
  t.is(selectSignatureBackend().suite, SUITE);
  t.deepEqual(SIGNATURE_SIZES[SUITE], {
    publicKeyBytes: PUBLIC_KEY_BYTES,
    signatureBytes: SIGNATURE_BYTES,
  });
});

test('the native backend is chosen where it exists, once', (t) => {
  for (const suite of suites) {
    t.is(selectSignatureBackend(suite).name, native ? 'node' : 'noble');
    t.is(selectSignatureBackend(suite), selectSignatureBackend(suite));
  }
});
