// NIST ACVP vectors for ML-DSA: key generation, signing and verification, all three suites, all
// forms. The runtime expresses the external pure form; the portable library all of them.

import { createHash } from 'node:crypto';
import test from 'ava';
import { importPublicKey, publicBytesOf } from '../node-keys.ts';
import { acvpCases, importExpandedKey, suiteOf, type VectorCase } from '../vectors-fixture.ts';
import { NOBLE_ML_DSA, nobleSignatures } from './noble-signatures.ts';
import { hasNodeSignatures, isSignedNatively, nodeSignatures } from './node-signatures.ts';
import {
  SIGNATURE_SIZES,
  type SignatureBackend,
  type SignatureSuite,
} from './signature-backend.ts';

const native = hasNodeSignatures();
const suites = Object.keys(SIGNATURE_SIZES) as SignatureSuite[];
const backends = Object.fromEntries(
  suites.map((suite) => [
    suite,
    native ? [nodeSignatures(suite), nobleSignatures(suite)] : [nobleSignatures(suite)],
  ]),
) as Record<SignatureSuite, SignatureBackend[]>;

test('both backends derive the keys of ACVP keyGen from their seeds', (t) => {
  for (const each of acvpCases(t, 'ML-DSA-keyGen-FIPS204') ?? []) {
    const suite = suiteOf<SignatureSuite>(each);
    for (const backend of backends[suite]) {
      const publicKey = backend.publicKeyOf(each.bytes('seed'));
      t.deepEqual(publicKey, each.bytes('pk'), `${backend.name} ${each.id}`);
    }
    t.deepEqual(NOBLE_ML_DSA[suite].keygen(each.bytes('seed')).secretKey, each.bytes('sk'));
    if (!native) continue;
    const imported = importExpandedKey(suite, each.bytes('sk'));
    t.deepEqual(publicBytesOf(imported), each.bytes('pk'), each.id);
  }
});

test('both backends agree with ACVP sigVer; ours refuse the empty context besides', (t) => {
  for (const each of acvpCases(t, 'ML-DSA-sigVer-FIPS204') ?? []) {
    const passes = each.text('testPassed') === 'true';
    t.is(isSignedPortably(each, each.bytes('pk')), passes, `noble ${each.id}`);
    if (isPure(each)) judgePure(t.is, each, each.bytes('pk'), passes);
  }
});

for (const suite of suites) {
  test(`the portable library signs as ACVP sigGen does with ${suite}, and both verify it`, (t) => {
    const cases = acvpCases(t, 'ML-DSA-sigGen-FIPS204')?.filter((each) => suiteOf(each) === suite);
    if (cases?.length === 0) t.fail(`no case of ${suite}`);
    for (const each of cases ?? []) {
      const signature = NOBLE_ML_DSA[suite].internal.sign(signedMessage(each), each.bytes('sk'), {
        extraEntropy: each.has('rnd') ? each.bytes('rnd') : false,
        externalMu: isExternalMu(each),
      });
      t.deepEqual(signature, each.bytes('signature'), each.id);
      const publicKey = NOBLE_ML_DSA[suite].getPublicKey(each.bytes('sk'));
      t.true(isSignedPortably(each, publicKey), each.id);
      if (isPure(each)) judgePure(t.is, each, publicKey, true);
    }
  });
}

/** The pure external form by both backends, below the rule of the empty context and above it. */
function judgePure(
  is: (actual: boolean, expected: boolean, message: string) => unknown,
  each: VectorCase,
  publicKey: Uint8Array,
  passes: boolean,
): void {
  const suite = suiteOf<SignatureSuite>(each);
  const [message, context] = [each.bytes('message'), each.bytes('context')];
  const signature = each.bytes('signature');
  if (native) {
    const key = () => importPublicKey(suite, publicKey);
    is(isSignedNatively(key, message, context, signature), passes, `node ${each.id}`);
  }
  for (const backend of backends[suite]) {
    const verified = backend.verify(publicKey, message, context, signature);
    is(verified, passes && context.byteLength > 0, `${backend.name} ${each.id}`);
  }
}

function isSignedPortably(each: VectorCase, publicKey: Uint8Array): boolean {
  const { internal } = NOBLE_ML_DSA[suiteOf<SignatureSuite>(each)];
  try {
    const externalMu = isExternalMu(each);
    return internal.verify(each.bytes('signature'), signedMessage(each), publicKey, { externalMu });
  } catch {
    return false;
  }
}

function isPure(each: VectorCase): boolean {
  return each.text('signatureInterface') === 'external' && each.text('preHash') === 'pure';
}

function isExternalMu(each: VectorCase): boolean {
  return each.text('externalMu') === 'true';
}

/** What the internal interface signs: M itself or mu, or M' of FIPS 204 algorithms 2 and 4. */
function signedMessage(each: VectorCase): Uint8Array {
  if (isExternalMu(each)) return each.bytes('mu');
  const message = each.bytes('message');
  if (each.text('signatureInterface') === 'internal') return message;
  const context = each.bytes('context');
  const isHashed = each.text('preHash') === 'preHash';
  const prefix = Uint8Array.of(isHashed ? 1 : 0, context.byteLength, ...context);
  const rest = isHashed ? namedDigest(each.text('hashAlg'), message) : message;
  return new Uint8Array(Buffer.concat([prefix, rest]));
}

/** Hash functions of HashML-DSA: last byte of their object identifier, name, digest bytes. */
const HASHES: Readonly<Record<string, readonly [number, string, number]>> = {
  'SHA2-224': [4, 'sha224', 28],
  'SHA2-256': [1, 'sha256', 32],
  'SHA2-384': [2, 'sha384', 48],
  'SHA2-512': [3, 'sha512', 64],
  'SHA2-512/224': [5, 'sha512-224', 28],
  'SHA2-512/256': [6, 'sha512-256', 32],
  'SHA3-224': [7, 'sha3-224', 28],
  'SHA3-256': [8, 'sha3-256', 32],
  'SHA3-384': [9, 'sha3-384', 48],
  'SHA3-512': [10, 'sha3-512', 64],
  'SHAKE-128': [11, 'shake128', 32],
  'SHAKE-256': [12, 'shake256', 64],
};

function namedDigest(name: string, message: Uint8Array): Uint8Array {
  const known = HASHES[name];
  if (known === undefined) throw new TypeError(`no hash function ${name}`);
  const [identifier, algorithm, outputLength] = known;
  const hash = algorithm.startsWith('shake')
    ? createHash(algorithm, { outputLength })
    : createHash(algorithm);
  const objectIdentifier = Buffer.from('0609608648016503040200', 'hex');
  objectIdentifier[10] = identifier;
  return Buffer.concat([objectIdentifier, hash.update(message).digest()]);
}
