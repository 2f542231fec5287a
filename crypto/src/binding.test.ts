import type { Checked, FederationId } from '@starling/shared';
import {
  BINDING_LIFE_MS,
  type CborValue,
  cosignedSchema,
  decodeCanonical,
  encodeCanonical,
} from '@starling/shared';
import test, { type ExecutionContext } from 'ava';
import { openBinding, openRotation, sealBinding, sealRotation } from './binding.ts';
import { createChannelKey, transportIdOfKey, verifyChannelSignature } from './channel-key.ts';
import { createIdentity } from './identity.ts';
import { CLOCK_SKEW_MAX_MS } from './parse-frame.ts';

const federation = 'fe'.repeat(32) as FederationId;
const elsewhere = 'ab'.repeat(32) as FederationId;
const nowMs = 1_760_000_000_000;
const [alice, mallory] = [createIdentity(), createIdentity()];
const [wire, tap] = [1, 2].map((n) => createChannelKey(new Uint8Array(32).fill(n))) as [
  ReturnType<typeof createChannelKey>,
  ReturnType<typeof createChannelKey>,
];
const terms = {
  federation,
  site: 'north',
  seq: 1,
  previous: null,
  notBeforeMs: nowMs,
  notAfterMs: nowMs + BINDING_LIFE_MS,
};

function refusedAs(t: ExecutionContext, result: Checked<unknown>, reason: string): void {
  t.is(result.ok ? 'ok' : result.refusal.reason, reason);
}

/** The parts of a record, to be put together otherwise. */
function partsOf(record: Uint8Array) {
  const decoded = decodeCanonical(record, record.byteLength);
  return cosignedSchema.parse(decoded.ok ? decoded.value : undefined);
}

test('a peer id embeds its Ed25519 key as libp2p writes it', (t) => {
  // The Ed25519 key among the test vectors of the libp2p specs (peer-ids), and its peer id.
  const key = Buffer.from(
    '1ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e',
    'hex',
  );
  t.is(transportIdOfKey(key) as string, '12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3pq');
  t.throws(() => transportIdOfKey(key.subarray(1)), { instanceOf: RangeError });
  t.throws(() => createChannelKey(new Uint8Array(31)), { instanceOf: RangeError });
});

test('a channel signature holds for its key and bytes, and nothing malformed is thrown at', (t) => {
  const message = Uint8Array.of(1, 2, 3);
  const signature = wire.sign(message);
  t.true(verifyChannelSignature(wire.publicKey, message, signature));
  t.false(verifyChannelSignature(tap.publicKey, message, signature));
  t.false(verifyChannelSignature(wire.publicKey, Uint8Array.of(1), signature));
  t.false(verifyChannelSignature(wire.publicKey, message, signature.subarray(1)));
  t.false(verifyChannelSignature(new Uint8Array(3), message, signature));
  t.false(verifyChannelSignature(new Uint8Array(32).fill(255), message, signature));
});

test('a binding opens to what both keys signed', (t) => {
  const opened = openBinding(sealBinding(alice, wire, terms), { federation, nowMs });
  if (!opened.ok) return t.fail(opened.refusal.detail);
  t.like(opened.value.body, { member: alice.member, transportId: wire.transportId, seq: 1 });
  t.deepEqual(opened.value.body.channelKey, wire.publicKey);
});

test('nobody binds a foreign channel, or is bound to one by its owner', (t) => {
  const honest = partsOf(sealBinding(alice, wire, terms));
  // Mallory names Alice's channel, but cannot sign with it.
  const claimed = createIdentity();
  const stolen = { ...tap, publicKey: wire.publicKey, transportId: wire.transportId };
  refusedAs(t, openBinding(sealBinding(claimed, stolen, terms), { federation }), 'bad-signature');
  // The owner of a channel names Alice's key, but cannot sign with that.
  const poser = { ...mallory, publicKey: alice.publicKey, member: alice.member };
  refusedAs(t, openBinding(sealBinding(poser, tap, terms), { federation }), 'bad-signature');
  // A peer id that is not the one of the channel key.
  const other = { ...wire, transportId: tap.transportId };
  refusedAs(t, openBinding(sealBinding(alice, other, terms), { federation }), 'wrong-shape');
  // The second signature of another record.
  const { cosignature } = partsOf(sealBinding(alice, wire, { ...terms, seq: 2 }));
  const mixed = encodeCanonical({ ...honest, cosignature });
  refusedAs(t, openBinding(mixed, { federation }), 'bad-signature');
});

test('a binding is for one federation and one span of time', (t) => {
  const record = sealBinding(alice, wire, terms);
  refusedAs(t, openBinding(record, { federation: elsewhere }), 'wrong-federation');
  refusedAs(t, openBinding(record, { federation, nowMs: terms.notAfterMs }), 'expired');
  const early = nowMs - CLOCK_SKEW_MAX_MS - 1;
  refusedAs(t, openBinding(record, { federation, nowMs: early }), 'not-yet-valid');
  t.true(openBinding(record, { federation, nowMs: early + 1 }).ok);
  t.true(openBinding(record, { federation }).ok);
});

test('a record with any byte changed, cut or added is refused', (t) => {
  const record = sealBinding(alice, wire, terms);
  for (let at = 0; at < record.byteLength; at += 41) {
    t.false(openBinding(record.with(at, (record[at] ?? 0) ^ 1), { federation }).ok);
    t.false(openBinding(record.slice(0, at), { federation }).ok);
  }
  t.false(openBinding(Buffer.concat([record, record]), { federation }).ok);
  t.false(openBinding(new Uint8Array(1 << 15), { federation }).ok);
});

const keyOf = (sender: string) => (sender === alice.member ? alice.publicKey : undefined);
const bound = (() => {
  const opened = openBinding(sealBinding(mallory, wire, terms), { federation });
  if (!opened.ok) throw new Error(opened.refusal.detail);
  return opened.value.bodyDigest;
})();

test('a rotation opens under the old key when the new one signed too', (t) => {
  const next = createIdentity();
  const record = sealRotation(alice, next, { federation, bindingDigest: bound });
  const opened = openRotation(record, { federation, keyOf });
  if (!opened.ok) return t.fail(opened.refusal.detail);
  t.is(opened.value.sender, alice.member);
  t.like(opened.value.body, { member: next.member, binding: bound });
});

test('a rotation that only one of the two keys signed is refused', (t) => {
  const next = createIdentity();
  const options = { federation, bindingDigest: bound };
  const honest = partsOf(sealRotation(alice, next, options));
  const poser = { ...mallory, publicKey: next.publicKey, member: next.member };
  refusedAs(
    t,
    openRotation(sealRotation(alice, poser, options), { federation, keyOf }),
    'bad-signature',
  );
  const thief = { ...mallory, member: alice.member };
  refusedAs(
    t,
    openRotation(sealRotation(thief, next, options), { federation, keyOf }),
    'bad-signature',
  );
  const named = { ...next, member: mallory.member };
  refusedAs(
    t,
    openRotation(sealRotation(alice, named, options), { federation, keyOf }),
    'bad-signature',
  );
  refusedAs(
    t,
    openRotation(sealRotation(alice, alice, options), { federation, keyOf }),
    'wrong-shape',
  );
  const again = partsOf(sealRotation(alice, next, { federation, bindingDigest: bound }));
  const content: CborValue = { cosignature: new Uint8Array(3309), frame: again.frame };
  refusedAs(t, openRotation(encodeCanonical(content), { federation, keyOf }), 'bad-signature');
  t.true(openRotation(encodeCanonical(honest), { federation, keyOf }).ok);
});
