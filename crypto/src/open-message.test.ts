import {
  type CborValue,
  encodeCanonical,
  type FederationId,
  type JoinRequest,
  joinRequest,
  type ModelVote,
  modelUpdate,
  modelVote,
  type RefusalReason,
  type Registration,
  registration,
  signingContext,
} from '@starling/shared';
import test, { type ExecutionContext } from 'ava';
import { digestOf } from './digest.ts';
import { createIdentity } from './identity.ts';
import { isMessageOf, type OpenOptions, openMessage, openSelfSigned } from './open-message.ts';
import { CLOCK_SKEW_MAX_MS } from './parse-frame.ts';
import { bodyDigest, encodeBody, sealMessage, statementBytes } from './seal-message.ts';
import { verifyStatement } from './verify-statement.ts';

const federation = 'fe'.repeat(32) as FederationId;
const nowMs = 1_760_000_000_000;
const [alice, mallory] = [createIdentity(), createIdentity()];
const digest = digestOf(Uint8Array.of(1));

const vote: ModelVote = {
  base: digest,
  model: digest,
  plan: digest,
  round: 1,
  updates: digest,
  version: 1,
};
const here: Registration = {
  addresses: [],
  examplesRounded: 10,
  model: digest,
  ready: true,
  version: 0,
};

const options: OpenOptions = {
  federation,
  nowMs,
  keyOf: (sender) => (sender === alice.member ? alice.publicKey : undefined),
};

function refusedAs(
  t: ExecutionContext,
  result: { readonly ok: boolean; readonly refusal?: { readonly reason: RefusalReason } },
  reason: RefusalReason,
): void {
  t.false(result.ok);
  t.is(result.refusal?.reason, reason);
}

const envelope = (at = nowMs) =>
  sealMessage(alice, registration, { federation, body: here, seq: 7, nowMs: at });
const statement = () => sealMessage(alice, modelVote, { federation, body: vote });

/** A frame with any header, truly signed by alice under any type's context. */
function frameOf(header: Record<string, CborValue>, contextType: string): Uint8Array {
  const signed = encodeCanonical(header);
  return encodeCanonical({ signature: alice.sign(signed, signingContext(contextType)), signed });
}

const voteHeader = {
  body: encodeBody(modelVote, vote),
  federation: federation as string,
  sender: alice.member as string,
  type: 'model-vote',
  v: 1,
};

test('an envelope opens to what was sealed', (t) => {
  const result = openMessage(envelope(), registration, options);
  if (!result.ok) return t.fail(result.refusal.detail);
  const { value } = result;
  t.deepEqual(value.body, here);
  t.is(value.sender, alice.member);
  t.is(value.seq, 7);
  t.is(value.expiresAtMs, nowMs + registration.lifetimeMs);
  t.is(digestOf(value.bodyBytes), bodyDigest(registration, here));
});

test('a statement has neither sequence nor expiry and verifies from its parts', (t) => {
  const result = openMessage(statement(), modelVote, { ...options, nowMs: nowMs * 2 });
  if (!result.ok) return t.fail(result.refusal.detail);
  const { bodyBytes, signature, seq, expiresAtMs } = result.value;
  t.deepEqual([seq, expiresAtMs], [undefined, undefined]);
  const parts = { federation, sender: alice.member, publicKey: alice.publicKey };
  t.true(verifyStatement(modelVote, { ...parts, bodyBytes, signature }));
  const other = encodeBody(modelVote, { ...vote, version: 2 });
  t.false(verifyStatement(modelVote, { ...parts, bodyBytes: other, signature }));
  t.false(verifyStatement(modelVote, { ...parts, sender: mallory.member, bodyBytes, signature }));
});

test('one of several allowed types opens as itself', (t) => {
  const result = openMessage(statement(), [registration, modelVote], options);
  if (!result.ok) return t.fail(result.refusal.detail);
  t.false(isMessageOf(result.value, registration));
  t.true(isMessageOf(result.value, modelVote) && result.value.body.version === 1);
});

test('what is opened shares no memory with the bytes it came from', (t) => {
  const bytes = Buffer.from(statement());
  const result = openMessage(bytes, modelVote, options);
  bytes.fill(0);
  t.true(result.ok && digestOf(result.value.bodyBytes) === bodyDigest(modelVote, vote));
});

test('a type that is not allowed here is refused', (t) => {
  refusedAs(t, openMessage(statement(), registration, options), 'wrong-type');
  refusedAs(t, openMessage(statement(), [registration, modelUpdate], options), 'wrong-type');
});

test('another federation is refused', (t) => {
  const elsewhere = { ...options, federation: 'ab'.repeat(32) as FederationId };
  refusedAs(t, openMessage(statement(), modelVote, elsewhere), 'wrong-federation');
});

test('an unknown sender is refused before its signature is verified', (t) => {
  const bytes = sealMessage(mallory, modelVote, { federation, body: vote });
  refusedAs(t, openMessage(bytes, modelVote, options), 'unknown-sender');
});

test('a member cannot speak for another one', (t) => {
  const options2 = { ...options, keyOf: () => mallory.publicKey };
  refusedAs(t, openMessage(statement(), modelVote, options2), 'bad-signature');
  const short = { ...options, keyOf: () => new Uint8Array(3) };
  refusedAs(t, openMessage(statement(), modelVote, short), 'bad-signature');
});

test('an envelope is valid until its expiry and the allowance, and not a millisecond longer', (t) => {
  const lastMs = nowMs + registration.lifetimeMs + CLOCK_SKEW_MAX_MS - 1;
  t.true(openMessage(envelope(), registration, { ...options, nowMs: lastMs }).ok);
  const late = openMessage(envelope(), registration, { ...options, nowMs: lastMs + 1 });
  refusedAs(t, late, 'expired');
});

test('a clock may run ahead by the named allowance and no more', (t) => {
  t.true(openMessage(envelope(nowMs + CLOCK_SKEW_MAX_MS), registration, options).ok);
  const early = envelope(nowMs + CLOCK_SKEW_MAX_MS + 1);
  refusedAs(t, openMessage(early, registration, options), 'not-yet-valid');
});

test('a signature of another domain is refused', (t) => {
  t.true(openMessage(frameOf(voteHeader, 'model-vote'), modelVote, options).ok);
  const bytes = frameOf(voteHeader, 'model-update');
  refusedAs(t, openMessage(bytes, modelVote, options), 'bad-signature');
});

test('a statement with a sequence number or expiry is refused', (t) => {
  for (const extra of [{ seq: 1 }, { expiresAtMs: nowMs + 1 }]) {
    const bytes = frameOf({ ...voteHeader, ...extra }, 'model-vote');
    refusedAs(t, openMessage(bytes, modelVote, options), 'wrong-shape');
  }
});

test('an envelope without a sequence number or expiry is refused', (t) => {
  const header = { ...voteHeader, body: encodeBody(registration, here), type: 'registration' };
  for (const partial of [{}, { seq: 1 }, { expiresAtMs: nowMs + 1 }]) {
    const bytes = frameOf({ ...header, ...partial }, 'registration');
    refusedAs(t, openMessage(bytes, registration, options), 'wrong-shape');
  }
});

test('a header with a field too many, another version or a bad id is refused', (t) => {
  for (const change of [{ extra: 1 }, { v: 2 }, { sender: 'me' }, { body: 'text' }]) {
    const bytes = frameOf({ ...voteHeader, ...change }, 'model-vote');
    refusedAs(t, openMessage(bytes, modelVote, options), 'wrong-shape');
  }
});

test('a truly signed body of another shape is refused', (t) => {
  const bodies: readonly CborValue[] = [{ ...vote, extra: 1 }, { ...vote, round: 0 }, [], 7, null];
  for (const body of bodies) {
    const bytes = frameOf({ ...voteHeader, body: encodeCanonical(body) }, 'model-vote');
    refusedAs(t, openMessage(bytes, modelVote, options), 'wrong-shape');
  }
});

test('a body over its own limit is refused even where a larger type is allowed', (t) => {
  const body = new Uint8Array(modelVote.bodyBytesMax + 1);
  const bytes = frameOf({ ...voteHeader, body }, 'model-vote');
  refusedAs(t, openMessage(bytes, [modelVote, modelUpdate], options), 'oversized');
});

test('a broken caller cannot seal', (t) => {
  const broken = { instanceOf: TypeError };
  const wrong = { ...vote, round: 0.5 };
  t.throws(() => sealMessage(alice, modelVote, { federation, body: wrong }), broken);
  t.throws(() => sealMessage(alice, modelVote, { federation, body: vote, seq: 1 }), broken);
  t.throws(() => sealMessage(alice, modelVote, { federation, body: vote, nowMs }), broken);
  t.throws(() => sealMessage(alice, registration, { federation, body: here, nowMs }), broken);
  t.throws(() => sealMessage(alice, registration, { federation, body: here, seq: 1 }), broken);
  t.throws(() => statementBytes(registration, federation, alice.member, digestBytes), broken);
});

const digestBytes = new Uint8Array(32);

test('an applicant is opened by the key in its request, if that key is its own', (t) => {
  const seal = (publicKey: Uint8Array) => {
    const body: JoinRequest = { binding: publicKey, invitation: null, rotation: null };
    return sealMessage(mallory, joinRequest, { federation, body, seq: 1, nowMs });
  };
  const self = { federation, nowMs, keyOfBody: (body: JoinRequest) => body.binding };
  const opened = openSelfSigned(seal(mallory.publicKey), joinRequest, self);
  t.true(opened.ok && opened.value.sender === mallory.member);
  refusedAs(t, openSelfSigned(seal(alice.publicKey), joinRequest, self), 'bad-signature');
  refusedAs(t, openSelfSigned(seal(new Uint8Array(9)), joinRequest, self), 'bad-signature');
  const late = { ...self, nowMs: nowMs + joinRequest.lifetimeMs + CLOCK_SKEW_MAX_MS };
  refusedAs(t, openSelfSigned(seal(mallory.publicKey), joinRequest, late), 'expired');
});
