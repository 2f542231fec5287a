// NIST ACVP vectors for ML-DSA-65: key generation, verification and deterministic signing.

import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { ml_dsa65 } from '@noble/post-quantum/ml-dsa.js';
import test, { type ExecutionContext } from 'ava';
import { nobleSignatures } from './noble-signatures.ts';
import { hasNodeSignatures, nodeSignatures } from './node-signatures.ts';
import type { SignatureBackend } from './signature-backend.ts';

const VECTORS = resolve(import.meta.dirname, '../../../shared/vectors/acvp');

const backends: readonly SignatureBackend[] = hasNodeSignatures()
  ? [nodeSignatures(), nobleSignatures()]
  : [nobleSignatures()];

interface Case {
  readonly tcId: number;
  readonly testPassed?: boolean;
  readonly rnd?: string;
  readonly [field: string]: string | number | boolean | undefined;
}

interface Group {
  readonly tgId: number;
  readonly parameterSet: string;
  readonly signatureInterface?: string;
  readonly preHash?: string;
  readonly tests: readonly Case[];
}

/** Each case merged with its expected results, of ML-DSA-65 groups with the external pure form. */
function loadCases(t: ExecutionContext, set: string): Case[] | undefined {
  const folder = resolve(VECTORS, set);
  if (!existsSync(folder)) {
    t.log(`skipped: ACVP ${set}, its vectors are not on this machine`);
    t.pass();
    return undefined;
  }
  const read = (file: string): readonly Group[] =>
    JSON.parse(gunzipSync(readFileSync(resolve(folder, file))).toString()).testGroups;
  const expected = new Map(
    read('expectedResults.json.gz').flatMap((group) =>
      group.tests.map((each) => [`${group.tgId}/${each.tcId}`, each] as const),
    ),
  );
  const cases = read('prompt.json.gz')
    .filter((group) => group.parameterSet === 'ML-DSA-65')
    .filter((group) => (group.signatureInterface ?? 'external') === 'external')
    .filter((group) => (group.preHash ?? 'pure') === 'pure')
    .flatMap((group) =>
      group.tests.map((each) => ({ ...each, ...expected.get(`${group.tgId}/${each.tcId}`) })),
    );
  if (cases.length === 0) t.fail(`ACVP ${set} has no case for ML-DSA-65`);
  return cases;
}

function bytesOf(each: Case, field: string): Uint8Array {
  const hex = each[field];
  if (typeof hex !== 'string') throw new TypeError(`case ${each.tcId} has no ${field}`);
  return new Uint8Array(Buffer.from(hex, 'hex'));
}

test('both backends derive the public keys of ACVP keyGen from their seeds', (t) => {
  const cases = loadCases(t, 'ML-DSA-keyGen-FIPS204');
  for (const each of cases ?? []) {
    for (const backend of backends) {
      const publicKey = backend.publicKeyOf(bytesOf(each, 'seed'));
      t.deepEqual(publicKey, bytesOf(each, 'pk'), `${backend.name} case ${each.tcId}`);
    }
  }
});

test('both backends agree with ACVP sigVer; the empty context is always refused', (t) => {
  const cases = loadCases(t, 'ML-DSA-sigVer-FIPS204');
  for (const each of cases ?? []) {
    const context = bytesOf(each, 'context');
    const expected = each.testPassed === true && context.byteLength > 0;
    for (const backend of backends) {
      const passed = backend.verify(
        bytesOf(each, 'pk'),
        bytesOf(each, 'message'),
        context,
        bytesOf(each, 'signature'),
      );
      t.is(passed, expected, `${backend.name} case ${each.tcId}`);
    }
  }
});

test('the portable library signs as ACVP sigGen does, and both backends verify it', (t) => {
  const cases = loadCases(t, 'ML-DSA-sigGen-FIPS204');
  for (const each of cases ?? []) {
    const [message, secretKey] = [bytesOf(each, 'message'), bytesOf(each, 'sk')];
    const context = bytesOf(each, 'context');
    const extraEntropy = each.rnd === undefined ? (false as const) : bytesOf(each, 'rnd');
    const signature = ml_dsa65.sign(message, secretKey, { context, extraEntropy });
    t.deepEqual(signature, bytesOf(each, 'signature'), `case ${each.tcId}`);
    const publicKey = ml_dsa65.getPublicKey(secretKey);
    for (const backend of backends) {
      const passed = backend.verify(publicKey, message, context, signature);
      t.is(passed, context.byteLength > 0, `${backend.name} case ${each.tcId}`);
    }
  }
});
