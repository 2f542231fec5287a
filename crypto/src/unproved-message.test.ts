import { type FederationId, modelVote, roundStatus } from '@starling/shared';
import test from 'ava';
import { createIdentity } from './identity.ts';
import { openMessage } from './open-message.ts';
import { sealMessage } from './seal-message.ts';
import {
  claimDigest,
  statementClaim,
  type VerifyClaim,
  verifyLater,
  verifyNow,
} from './signature-claim.ts';
import { provedMessage, readUnproved } from './unproved-message.ts';

const federation = '0f'.repeat(32) as FederationId;
const identity = createIdentity(new Uint8Array(32).fill(3));
const stranger = createIdentity(new Uint8Array(32).fill(4));
const digest = 'ab'.repeat(32);
const body = modelVote.schema.parse({
  base: digest,
  model: digest,
  plan: digest,
  round: 1,
  updates: digest,
  version: 1,
});
const keyOf = () => identity.publicKey;
const options = { federation, nowMs: 0, keyOf };

function read(frame: Uint8Array) {
  const unproved = readUnproved(frame, [modelVote], options);
  if (!unproved.ok) throw new Error(unproved.refusal.detail);
  return unproved.value;
}

const ways: readonly (readonly [string, VerifyClaim])[] = [
  ['later', verifyLater],
  ['now', verifyNow],
];
for (const [when, verify] of ways) {
  test(`verified ${when}, an unproved message is what openMessage gives`, async (t) => {
    const frame = sealMessage(identity, modelVote, { federation, body });
    const unproved = read(frame);
    const proved = provedMessage(unproved, await verify(unproved.claim));
    t.deepEqual(proved, openMessage(frame, modelVote, options));
  });

  test(`verified ${when}, the signature of somebody else is refused`, async (t) => {
    const unproved = read(sealMessage(stranger, modelVote, { federation, body }));
    const proved = provedMessage(unproved, await verify(unproved.claim));
    t.like(proved, { ok: false, refusal: { kind: 'reject', reason: 'bad-signature' } });
  });
}

test('everything but the signature is checked before it is worth verifying', (t) => {
  const frame = sealMessage(identity, modelVote, { federation, body });
  const reasonOf = (result: ReturnType<typeof readUnproved>) =>
    result.ok ? 'read' : result.refusal.reason;
  t.is(reasonOf(readUnproved(frame, [roundStatus], options)), 'wrong-type');
  t.is(
    reasonOf(readUnproved(frame, [modelVote], { ...options, keyOf: () => undefined })),
    'unknown-sender',
  );
  t.is(reasonOf(readUnproved(frame.subarray(1), [modelVote], options)), 'malformed-cbor');
  const elsewhere = { ...options, federation: 'ee'.repeat(32) as FederationId };
  t.is(reasonOf(readUnproved(frame, [modelVote], elsewhere)), 'wrong-federation');
});

test('a claim made of a certificate’s parts has the name of the message’s own', (t) => {
  const { claim, claimed } = read(sealMessage(identity, modelVote, { federation, body }));
  const { bodyBytes, sender, signature } = claimed;
  const { publicKey } = identity;
  const parts = { federation, sender, publicKey, bodyBytes, signature };
  t.is(claimDigest(statementClaim(modelVote, parts)), claimDigest(claim));
  const other = { ...claim, signature: claim.signature.slice().fill(0, 0, 1) };
  t.not(claimDigest({ ...other, context: 'starling/other/v1' }), claimDigest(claim));
});
