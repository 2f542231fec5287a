// Hostile bytes by the thousand: each kind is refused with its own reason, and nothing throws.

import {
  type CborValue,
  encodeCanonical,
  type FaultReason,
  type FederationId,
  type MemberId,
  modelVote,
  type RefusalReason,
  registration,
  signingContext,
} from '@starling/shared';
import test from 'ava';
import fc from 'fast-check';
import { digestOf } from './digest.ts';
import { createIdentity } from './identity.ts';
import { type OpenOptions, openMessage, openSelfSigned } from './open-message.ts';
import { encodeBody, sealMessage } from './seal-message.ts';

const federation = 'fe'.repeat(32) as FederationId;
const nowMs = 1_760_000_000_000;
const alice = createIdentity();
const digest = digestOf(Uint8Array.of(1));
const vote = { base: digest, model: digest, plan: digest, round: 1, updates: digest, version: 1 };
const body = encodeBody(modelVote, vote);
const statement = sealMessage(alice, modelVote, { federation, body: vote });
const envelope = sealMessage(alice, registration, {
  federation,
  body: { addresses: [], examplesRounded: 10, model: digest, ready: true, version: 0 },
  seq: 7,
  nowMs,
});
const options: OpenOptions = {
  federation,
  nowMs,
  keyOf: (sender) => (sender === alice.member ? alice.publicKey : undefined),
};
const allowed = [modelVote, registration];

function reasonOf(bytes: Uint8Array, changes: Partial<OpenOptions> = {}): RefusalReason | 'opened' {
  const result = openMessage(bytes, allowed, { ...options, ...changes });
  return result.ok ? 'opened' : result.refusal.reason;
}

/** A map in CBOR with its entries in the given order, as no honest encoder writes it. */
function rawMap(entries: readonly (readonly [string, Uint8Array])[]): Uint8Array {
  const parts = entries.flatMap(([key, value]) => [encodeCanonical(key), value]);
  return Buffer.concat([Uint8Array.of(0xa0 | entries.length), ...parts]);
}

function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  const copy = new Uint8Array(bytes);
  copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return copy;
}

const frames = fc.constantFrom(statement, envelope);
const headerEntries: readonly (readonly [string, Uint8Array])[] = Object.entries({
  body,
  federation,
  sender: alice.member,
  type: 'model-vote',
  v: 1,
}).map(([key, value]) => [key, encodeCanonical(value as CborValue)] as const);

/** The three places where CBOR is read: frame, header and a truly signed body. */
function atEachLevel(hostile: Uint8Array): readonly Uint8Array[] {
  const signed = encodeCanonical({ ...canonicalHeader(), body: hostile });
  const signature = alice.sign(signed, signingContext('model-vote'));
  return [
    hostile,
    encodeCanonical({ signature, signed: hostile }),
    encodeCanonical({ signature, signed }),
  ];
}

test('random bytes are refused', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      t.not(reasonOf(bytes), 'opened');
    }),
    { numRuns: 5000 },
  );
});

test('a truncated or prolonged frame is malformed', (t) => {
  fc.assert(
    fc.property(frames, fc.nat(), fc.uint8Array({ minLength: 1 }), (frame, cut, tail) => {
      t.is(reasonOf(frame.subarray(0, cut % frame.byteLength)), 'malformed-cbor');
      t.is(reasonOf(Buffer.concat([frame, tail])), 'malformed-cbor');
    }),
    { numRuns: 3000 },
  );
});

test('an oversized frame is refused without being read', (t) => {
  const bytesMax = registration.bodyBytesMax + 8192;
  fc.assert(
    fc.property(fc.integer({ min: bytesMax + 1, max: 1 << 20 }), (length) => {
      t.is(reasonOf(new Uint8Array(length)), 'oversized');
    }),
    { numRuns: 1000 },
  );
  t.is(reasonOf(new Uint8Array(bytesMax)), 'malformed-cbor');
});

test('one flipped bit anywhere refuses a frame', (t) => {
  fc.assert(
    fc.property(frames, fc.nat(), (frame, position) => {
      t.not(reasonOf(flipped(frame, position % (frame.byteLength * 8))), 'opened');
    }),
    { numRuns: 5000 },
  );
});

test('one flipped bit in the signature or the body is a bad signature', (t) => {
  const buffer = Buffer.from(statement);
  const signatureAt = buffer.indexOf(Uint8Array.of(0x59, 0x0c, 0xed)) + 3;
  const bodyAt = buffer.indexOf(body);
  fc.assert(
    fc.property(fc.nat(), (position) => {
      const inSignature = signatureAt * 8 + (position % (3309 * 8));
      t.is(reasonOf(flipped(statement, inSignature)), 'bad-signature');
      const inBody = bodyAt * 8 + (position % (body.byteLength * 8));
      t.is(reasonOf(flipped(statement, inBody)), 'bad-signature');
    }),
    { numRuns: 2000 },
  );
});

test('a header whose keys are not in canonical order is refused', (t) => {
  const canonical = Buffer.from(encodeCanonical(canonicalHeader()));
  const orders = fc.shuffledSubarray([...headerEntries], { minLength: headerEntries.length });
  fc.assert(
    fc.property(orders, (entries) => {
      const signed = rawMap(entries);
      fc.pre(!canonical.equals(signed));
      const frame = encodeCanonical({ signature: new Uint8Array(3309), signed });
      t.is(reasonOf(frame), 'non-canonical-cbor');
    }),
    { numRuns: 2000 },
  );
});

test('a duplicate key is refused at every place in the header', (t) => {
  fc.assert(
    fc.property(fc.nat({ max: 4 }), fc.nat({ max: 5 }), (which, place) => {
      const twice = headerEntries[which];
      if (twice === undefined) return;
      const signed = rawMap(headerEntries.toSpliced(place, 0, twice));
      const frame = encodeCanonical({ signature: new Uint8Array(3309), signed });
      t.is(reasonOf(frame), 'malformed-cbor');
    }),
  );
});

const encodings: readonly (readonly [string, string, FaultReason])[] = [
  ['an indefinite map', 'bf613101ff', 'malformed-cbor'],
  ['an indefinite array', '9f01ff', 'malformed-cbor'],
  ['indefinite bytes', '5f4101ff', 'malformed-cbor'],
  ['a whole float', 'a16131f93c00', 'non-canonical-cbor'],
  ['a fractional float', 'a16131fb3ff8000000000000', 'malformed-cbor'],
  ['NaN', 'a16131f97e00', 'malformed-cbor'],
  ['deep nesting', `${'81'.repeat(2000)}01`, 'malformed-cbor'],
  ['deep maps', `${'a16131'.repeat(500)}01`, 'malformed-cbor'],
  ['a tag', 'c074323032362d30312d30315430303a30303a30305a', 'malformed-cbor'],
  ['unsorted keys', 'a2613201613102', 'non-canonical-cbor'],
  ['duplicate keys', 'a2613101613102', 'malformed-cbor'],
];

for (const [title, hex, reason] of encodings) {
  test(`${title} as frame, header or truly signed body is refused as ${reason}`, (t) => {
    for (const bytes of atEachLevel(Buffer.from(hex, 'hex'))) t.is(reasonOf(bytes), reason);
  });
}

test('any other federation is refused', (t) => {
  const hex = fc.uint8Array({ minLength: 32, maxLength: 32 });
  fc.assert(
    fc.property(frames, hex, (frame, bytes) => {
      const other = Buffer.from(bytes).toString('hex') as FederationId;
      t.is(reasonOf(frame, { federation: other }), 'wrong-federation');
    }),
    { numRuns: 1000 },
  );
});

test('an unknown sender is ignored, not blamed', (t) => {
  const seen: MemberId[] = [];
  const keyOf = (sender: MemberId) => {
    seen.push(sender);
    return undefined;
  };
  const result = openMessage(statement, modelVote, { ...options, keyOf });
  t.like(result, { ok: false, refusal: { kind: 'ignore', reason: 'unknown-sender' } });
  t.deepEqual(seen, [alice.member]);
});

test('whatever the clock says, an envelope is open, expired or not yet valid', (t) => {
  const lifetimeMs = registration.lifetimeMs;
  fc.assert(
    fc.property(fc.integer({ min: -1e9, max: 1e9 }), (offsetMs) => {
      const reason = reasonOf(envelope, { nowMs: nowMs + offsetMs });
      if (offsetMs >= lifetimeMs + 30_000) t.is(reason, 'expired');
      else t.is(reason, offsetMs < -30_000 ? 'not-yet-valid' : 'opened');
    }),
    { numRuns: 1000 },
  );
});

test('a signature of any other type is refused', (t) => {
  const signed = encodeCanonical(canonicalHeader());
  for (const type of ['model-update', 'roster', 'model-votes', 'x']) {
    const signature = alice.sign(signed, signingContext(type));
    t.is(reasonOf(encodeCanonical({ signature, signed })), 'bad-signature');
  }
});

test('a self-signed frame with hostile bytes is refused and never throws', (t) => {
  const self = { federation, nowMs, keyOfBody: () => alice.publicKey };
  fc.assert(
    fc.property(fc.nat(), fc.uint8Array({ maxLength: 200 }), (position, bytes) => {
      const bit = position % (statement.byteLength * 8);
      t.false(openSelfSigned(flipped(statement, bit), modelVote, self).ok);
      t.false(openSelfSigned(bytes, modelVote, self).ok);
    }),
    { numRuns: 2000 },
  );
});

function canonicalHeader(): Record<string, CborValue> {
  return { body, federation, sender: alice.member, type: 'model-vote', v: 1 };
}
