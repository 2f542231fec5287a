// NIST ACVP vectors for ML-KEM, all three suites. The runtime draws its own coins, so it proves an
// encapsulation by opening it.

import { decapsulate } from 'node:crypto';
import test, { type ExecutionContext } from 'ava';
import { publicBytesOf } from '../node-keys.ts';
import { acvpCases, importExpandedKey, suiteOf, type VectorCase } from '../vectors-fixture.ts';
import { KEM_SIZES, type KemBackend, type MlKemSuite } from './kem-backend.ts';
import { NOBLE_KEM, nobleKem } from './noble-kem.ts';
import { hasNodeKem, nodeKem } from './select-kem-backend.ts';

const native = hasNodeKem('ml-kem-768');

function backendsOf(suite: MlKemSuite): KemBackend[] {
  return native ? [nodeKem(suite), nobleKem(suite)] : [nobleKem(suite)];
}

test('both backends derive the keys of ACVP keyGen from their seeds', (t) => {
  for (const each of acvpCases(t, 'ML-KEM-keyGen-FIPS203') ?? []) {
    const suite = suiteOf<MlKemSuite>(each);
    const seed = new Uint8Array([...each.bytes('d'), ...each.bytes('z')]);
    for (const backend of backendsOf(suite)) {
      t.deepEqual(
        backend.createKey(seed).publicKey,
        each.bytes('ek'),
        `${backend.name} ${each.id}`,
      );
    }
    t.deepEqual(NOBLE_KEM[suite].keygen(seed).secretKey, each.bytes('dk'), each.id);
    if (native) {
      t.deepEqual(publicBytesOf(importExpandedKey(suite, each.bytes('dk'))), each.bytes('ek'));
    }
  }
});

const judges: Readonly<Record<string, (t: ExecutionContext, each: VectorCase) => void>> = {
  encapsulation(t, each) {
    const kem = NOBLE_KEM[suiteOf<MlKemSuite>(each)];
    const { cipherText, sharedSecret } = kem.encapsulate(each.bytes('ek'), each.bytes('m'));
    t.deepEqual(cipherText, each.bytes('c'), each.id);
    t.deepEqual(sharedSecret.slice(), each.bytes('k'), each.id);
    if (each.has('dk')) judgeOpening(t, each);
  },
  decapsulation: judgeOpening,
  encapsulationKeyCheck(t, each) {
    const suite = suiteOf<MlKemSuite>(each);
    for (const backend of backendsOf(suite)) {
      const isAccepted = backend.encapsulate(each.bytes('ek')) !== undefined;
      t.is(isAccepted, each.text('testPassed') === 'true', `${backend.name} ${each.id}`);
    }
  },
  decapsulationKeyCheck(t, each) {
    const suite = suiteOf<MlKemSuite>(each);
    const passes = each.text('testPassed') === 'true';
    const ciphertext = new Uint8Array(KEM_SIZES[suite].ciphertextBytes);
    const open = () => NOBLE_KEM[suite].decapsulate(ciphertext, each.bytes('dk'));
    t.is(isDone(open), passes, `noble ${each.id}`);
    const importKey = () => importExpandedKey(suite, each.bytes('dk'));
    if (native) t.is(isDone(importKey), passes, `node ${each.id}`);
  },
};

for (const [name, judge] of Object.entries(judges)) {
  test(`both backends agree with ACVP ${name}`, (t) => {
    const cases = acvpCases(t, 'ML-KEM-encapDecap-FIPS203');
    const judged = cases?.filter((each) => each.text('function') === name);
    if (judged?.length === 0) t.fail(`no case of ${name}`);
    for (const each of judged ?? []) judge(t, each);
  });
}

test('every function of ACVP encapDecap is judged', (t) => {
  for (const each of acvpCases(t, 'ML-KEM-encapDecap-FIPS203') ?? []) {
    t.true(Object.hasOwn(judges, each.text('function')), each.id);
  }
});

function judgeOpening(t: ExecutionContext, each: VectorCase): void {
  const suite = suiteOf<MlKemSuite>(each);
  const [secretKey, ciphertext] = [each.bytes('dk'), each.bytes('c')];
  const opened = NOBLE_KEM[suite].decapsulate(ciphertext, secretKey);
  t.deepEqual(opened.slice(), each.bytes('k'), `noble ${each.id}`);
  if (!native) return;
  const secret = decapsulate(importExpandedKey(suite, secretKey), ciphertext);
  t.deepEqual(new Uint8Array(secret), each.bytes('k'), `node ${each.id}`);
}

function isDone(act: () => unknown): boolean {
  try {
    act();
    return true;
  } catch {
    return false;
  }
}
