// Packets of R1 as a dishonest dealer may make them: the recipient opens one and refuses the rest,
// each for its reason.

import { decodeCanonical, encodeCanonical, type MemberId, type ShareLeaf } from '@starling/shared';
import test from 'ava';
import { sealOnce } from '../aead.ts';
import { xWingEncapsulate } from '../kem/x-wing.ts';
import { seededSource } from '../seeded-source.ts';
import { edgeSecret, packetData, packetKey } from './derive.ts';
import { advertisementOf, createMemberKeys } from './member-keys.ts';
import { opened, testAnnounce, testDigest, testMembers, testPlan } from './session-fixture.ts';
import { dealShares, decodeLeaf, openLeaf, sealLeaf, unwrapEdge } from './share-packets.ts';

const random = seededSource(1);
const members = testMembers(4) as [MemberId, MemberId, MemberId, MemberId];
const [low, middle, high, outside] = members;
const session = opened(testAnnounce(testPlan(members)));
const keysOf = new Map(members.map((each) => [each, createMemberKeys(session, each, random)]));

function keys(member: MemberId) {
  const found = keysOf.get(member);
  if (found === undefined) throw new Error('no keys');
  return found;
}

/** The leaf that a dealer seals for a recipient. */
function leafFrom(dealer: MemberId, recipient: MemberId): ShareLeaf {
  const shares = dealShares(session, dealer, keys(dealer), random).get(recipient);
  const to = advertisementOf(session, recipient, keys(recipient));
  if (shares === undefined) throw new Error('no shares');
  const bytes = sealLeaf(session, dealer, keys(dealer), recipient, to, shares);
  const leaf = decodeLeaf(bytes ?? new Uint8Array());
  if (!leaf.ok) throw new Error(leaf.refusal.detail);
  return leaf.value;
}

/** A box with this content under the right key, as only the dealer can make it. */
function boxOf(dealer: MemberId, recipient: MemberId, plain: Uint8Array) {
  const to = keys(recipient).channelKey.publicKey;
  const channel = xWingEncapsulate(to);
  if (channel === undefined) throw new Error('no channel');
  const key = packetKey(channel.sharedSecret, session.id, dealer, recipient, 'packet');
  const box = sealOnce(key, plain, packetData(session.id, 'packet', dealer, to));
  return { box, ciphertext: channel.ciphertext };
}

function refusalOf(leaf: ShareLeaf, dealer = low, recipient = high): string | undefined {
  const result = openLeaf(session, dealer, recipient, keys(recipient), leaf);
  return result.ok ? undefined : result.refusal.detail;
}

test('a recipient gets its shares, and the pair value from a dealer with a lower id', (t) => {
  const shares = dealShares(session, low, keys(low), random);
  t.deepEqual([...shares.keys()], members);
  const up = openLeaf(session, low, high, keys(high), leafFrom(low, high));
  const edge = edgeSecret(keys(low).seed, session.id, low, high);
  t.deepEqual(up.ok ? up.value.edge : undefined, edge);
  t.is(up.ok ? up.value.shares.x : 0, 3);
  const down = openLeaf(session, high, low, keys(low), leafFrom(high, low));
  t.is(down.ok ? down.value.edge : new Uint8Array(), undefined);
  t.is(leafFrom(high, low).wrap, null);
});

test('a leaf for another member, from a stranger, or under other keys is refused', (t) => {
  const leaf = leafFrom(low, high);
  t.is(refusalOf(leaf, low, middle), 'the leaf is for another member');
  const stranger = testDigest(7) as string as MemberId;
  t.is(refusalOf(leaf, stranger), 'the dealer is no neighbour');
  t.is(refusalOf(leaf, middle), 'the packet does not open');
  t.is(refusalOf({ ...leaf, ciphertext: leaf.ciphertext.slice(1) }), 'the ciphertext is malformed');
  t.is(
    refusalOf({ ...leaf, box: leaf.box.with(3, (leaf.box[3] ?? 0) ^ 1) }),
    'the packet does not open',
  );
  t.is(refusalOf({ ...leaf, ...boxOf(low, high, new Uint8Array(65)) }), 'the packet does not open');
  t.is(refusalOf({ ...leaf, recipient: outside }, low, outside), 'the packet does not open');
});

test('shares at another place, or other shares than committed, are refused', (t) => {
  const leaf = leafFrom(low, high);
  const plain = new Uint8Array(66);
  t.is(refusalOf({ ...leaf, ...boxOf(low, high, plain) }), 'the share lies at 0, not at 3');
  plain[1] = 3;
  const other = boxOf(low, high, plain);
  t.is(refusalOf({ ...leaf, ...other }), 'the self share is not the committed');
  const seedShareCommitment = testDigest(8);
  t.is(refusalOf({ ...leaf, seedShareCommitment }), 'the seed share is not the committed');
});

test('a pair value that is missing or does not open is refused', (t) => {
  const leaf = leafFrom(low, high);
  const { wrap } = leaf;
  if (wrap === null) return t.fail('no pair value');
  const wraps = [
    null,
    { ...wrap, ciphertext: new Uint8Array(3) },
    { ...wrap, box: new Uint8Array(48) },
    leafFrom(middle, high).wrap,
  ];
  for (const each of wraps) {
    t.is(refusalOf({ ...leaf, wrap: each }), 'the pair value does not open');
    t.is(unwrapEdge(session, low, high, keys(high), { ...leaf, wrap: each }), undefined);
  }
});

test('nothing is sealed to keys that are no keys', (t) => {
  const shares = dealShares(session, low, keys(low), random).get(high);
  const to = advertisementOf(session, high, keys(high));
  if (shares === undefined) return t.fail('no shares');
  for (const key of ['channelKey', 'maskKey'] as const) {
    for (const bytes of [new Uint8Array(1216).fill(255), new Uint8Array(3)]) {
      const wrong = { ...to, [key]: bytes };
      t.is(sealLeaf(session, low, keys(low), high, wrong, shares), undefined, key);
    }
  }
});

test('a leaf that is too long, cut off or of another shape is no leaf', (t) => {
  const bytes = encodeCanonical(leafFrom(low, high));
  t.true(decodeLeaf(bytes).ok);
  const reasonOf = (damaged: Uint8Array) => {
    const leaf = decodeLeaf(damaged);
    return leaf.ok ? undefined : leaf.refusal.reason;
  };
  t.is(reasonOf(new Uint8Array(4096)), 'oversized');
  t.is(reasonOf(bytes.slice(0, -1)), 'malformed-cbor');
  t.is(reasonOf(encodeCanonical({ recipient: high })), 'wrong-shape');
  const decoded = decodeCanonical(bytes, bytes.byteLength);
  t.true(decoded.ok);
});
