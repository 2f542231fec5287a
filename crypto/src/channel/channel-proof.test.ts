import { type Auth, encodeCanonical, type FederationId, type TransportId } from '@starling/shared';
import test from 'ava';
import fc from 'fast-check';
import { digestOf } from '../digest.ts';
import { createIdentity } from '../identity.ts';
import {
  decodeChallenge,
  type ExpectedProof,
  encodeChallenge,
  proveChannel,
  verifyChannelProof,
} from './channel-proof.ts';

const federation = 'fe'.repeat(32) as FederationId;
const [prover, verifier] = ['12D3KooWStarlingProver', '12D3KooWStarlingVerifier'] as [
  TransportId,
  TransportId,
];
const identity = createIdentity(new Uint8Array(32).fill(3));
const nonce = (digit: number) => new Uint8Array(32).fill(digit);
const statement: Auth = {
  challenge: nonce(1),
  nonce: nonce(2),
  prover,
  role: 'coordinator',
  roster: digestOf(new Uint8Array()),
  verifier,
};
const { member, publicKey } = identity;
const expected: ExpectedProof = {
  federation,
  challenge: nonce(1),
  prover,
  verifier,
  member: { member, publicKey, role: 'coordinator' },
};
const proof = proveChannel(identity, federation, statement);

test('a proof passes for its challenge, channel, role and key, and for nothing else', (t) => {
  t.true(verifyChannelProof(proof, expected).ok);
  const other = createIdentity();
  const wrong: readonly Partial<ExpectedProof>[] = [
    { federation: 'ab'.repeat(32) as FederationId },
    { challenge: nonce(2) },
    { challenge: nonce(9) },
    { prover: verifier },
    { verifier: prover },
    { prover: verifier, verifier: prover },
    { member: { member, publicKey, role: 'peer' } },
    { member: { member, publicKey: other.publicKey, role: 'coordinator' } },
    { member: { ...other, role: 'coordinator' } },
  ];
  for (const changes of wrong) t.false(verifyChannelProof(proof, { ...expected, ...changes }).ok);
});

test('the roster that the prover names may be any', (t) => {
  const roster = digestOf(Uint8Array.of(1));
  const other = proveChannel(identity, federation, { ...statement, roster });
  const opened = verifyChannelProof(other, expected);
  t.true(opened.ok && opened.value.body.roster === roster);
});

test('no damaged proof passes or throws', (t) => {
  const damaged = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.nat({ max: proof.byteLength - 1 }).map((cut) => proof.slice(0, cut)),
    fc.nat({ max: proof.byteLength * 8 - 1 }).map((bit) => {
      return proof.with(bit >> 3, (proof[bit >> 3] ?? 0) ^ (1 << (bit & 7)));
    }),
  );
  fc.assert(
    fc.property(damaged, (bytes) => !verifyChannelProof(bytes, expected).ok),
    { numRuns: 300, seed: 5 },
  );
  t.pass();
});

test('a challenge is one nonce of 32 bytes', (t) => {
  const decoded = decodeChallenge(encodeChallenge(nonce(4)));
  t.deepEqual(decoded.ok && decoded.value, nonce(4));
  for (const length of [0, 31, 33, 64]) {
    const odd = new Uint8Array(length);
    t.false(decodeChallenge(encodeCanonical({ nonce: odd })).ok);
    t.throws(() => encodeChallenge(odd));
    t.throws(() => proveChannel(identity, federation, { ...statement, challenge: odd }));
  }
  t.false(decodeChallenge(encodeCanonical({ nonce: nonce(1), more: 1 })).ok);
  t.false(decodeChallenge(new Uint8Array(65)).ok);
});
