// R1 of PSA-1: for each neighbour a leaf with a share of both secrets, sealed to its channel key,
// and the pair value, wrapped to its mask key. One signature covers the Merkle root of the leaves.

import {
  type Checked,
  checked,
  decodeCanonical,
  encodeCanonical,
  type KeyAdvertisement,
  type MemberId,
  refused,
  type ShareLeaf,
  shareLeafSchema,
} from '@starling/shared';
import { openOnce, sealOnce } from '../aead.ts';
import { X_WING_CIPHERTEXT_BYTES, xWingEncapsulate } from '../kem/x-wing.ts';
import { leafOf } from '../merkle-root.ts';
import type { RandomSource } from '../random-source.ts';
import { edgeSecret, packetData, packetKey, shareCommitment } from './derive.ts';
import { type MemberKeys, SECRET_BYTES } from './member-keys.ts';
import { type Session, shareholdersOf } from './session.ts';
import { splitSecret } from './shamir.ts';

/** Largest leaf: two ciphertexts, two boxes, two commitments, the recipient's id. */
export const SHARE_LEAF_BYTES_MAX = 2 * X_WING_CIPHERTEXT_BYTES + 1024;

/** Both shares of one dealer's secrets, and where they lie on its polynomials. */
export interface HeldShares {
  readonly x: number;
  readonly self: Uint8Array;
  readonly seed: Uint8Array;
}

export interface OpenedPacket {
  readonly shares: HeldShares;
  /** The pair value that a dealer with the lower id chose. */
  readonly edge: Uint8Array | undefined;
}

/** The shares that a member deals, by holder; its own among them. */
export function dealShares(
  session: Session,
  member: MemberId,
  keys: MemberKeys,
  random: RandomSource,
): Map<MemberId, HeldShares> {
  const holders = shareholdersOf(session, member);
  const { threshold } = session.announce;
  const self = splitSecret(keys.self, holders.length, threshold, random);
  const seed = splitSecret(keys.seed, holders.length, threshold, random);
  return new Map(
    holders.map((holder, i) => {
      const shares = { x: i + 1, self: at(self, i), seed: at(seed, i) };
      return [holder, shares] as const;
    }),
  );
}

/**
 * The leaf for one recipient, as canonical bytes; undefined when the recipient's keys are malformed.
 */
export function sealLeaf(
  session: Session,
  dealer: MemberId,
  keys: MemberKeys,
  recipient: MemberId,
  to: KeyAdvertisement,
  shares: HeldShares,
): Uint8Array | undefined {
  const channel = xWingEncapsulate(to.channelKey);
  if (channel === undefined) return undefined;
  const plain = new Uint8Array(2 + 2 * SECRET_BYTES);
  new DataView(plain.buffer).setUint16(0, shares.x);
  plain.set(shares.self, 2);
  plain.set(shares.seed, 2 + SECRET_BYTES);
  const key = packetKey(channel.sharedSecret, session.id, dealer, recipient, 'packet');
  const data = packetData(session.id, 'packet', dealer, to.channelKey);
  const wrap = dealer < recipient ? wrapEdge(session, dealer, keys, recipient, to) : null;
  if (wrap === undefined) return undefined;
  const leaf: ShareLeaf = {
    box: sealOnce(key, plain, data),
    ciphertext: channel.ciphertext,
    recipient,
    seedShareCommitment: shareCommitment('seed', session.id, dealer, recipient, shares.seed),
    selfShareCommitment: shareCommitment('self', session.id, dealer, recipient, shares.self),
    wrap,
  };
  plain.fill(0);
  return encodeCanonical(leaf);
}

/** A leaf's content; its place in the dealer's tree is checked by `leafHash`. */
export function decodeLeaf(bytes: Uint8Array): Checked<ShareLeaf> {
  const decoded = decodeCanonical(bytes, SHARE_LEAF_BYTES_MAX);
  if (!decoded.ok) return refused(decoded.fault, decoded.detail);
  const parsed = shareLeafSchema.safeParse(decoded.value);
  return parsed.success ? checked(parsed.data) : refused('wrong-shape', 'is no leaf of shares');
}

/** Hash of a leaf in its dealer's Merkle tree. */
export function leafHash(bytes: Uint8Array): Uint8Array {
  return leafOf(bytes);
}

/** Opens the leaf that a dealer sealed for this member, and holds it against its commitments. */
export function openLeaf(
  session: Session,
  dealer: MemberId,
  recipient: MemberId,
  keys: MemberKeys,
  leaf: ShareLeaf,
): Checked<OpenedPacket> {
  if (leaf.recipient !== recipient) return refused('wrong-shape', 'the leaf is for another member');
  const x = shareholdersOf(session, dealer).indexOf(recipient) + 1;
  if (x === 0) return refused('not-permitted', 'the dealer is no neighbour');
  const secret = keys.channelKey.decapsulate(leaf.ciphertext);
  if (secret === undefined) return refused('wrong-shape', 'the ciphertext is malformed');
  const key = packetKey(secret, session.id, dealer, recipient, 'packet');
  const data = packetData(session.id, 'packet', dealer, keys.channelKey.publicKey);
  const plain = openOnce(key, leaf.box, data);
  if (plain?.byteLength !== 2 + 2 * SECRET_BYTES) {
    return refused('bad-signature', 'the packet does not open');
  }
  const shares: HeldShares = {
    x: new DataView(plain.buffer, plain.byteOffset).getUint16(0),
    self: plain.slice(2, 2 + SECRET_BYTES),
    seed: plain.slice(2 + SECRET_BYTES),
  };
  plain.fill(0);
  if (shares.x !== x) return refused('wrong-shape', `the share lies at ${shares.x}, not at ${x}`);
  for (const kind of ['self', 'seed'] as const) {
    const found = shareCommitment(kind, session.id, dealer, recipient, shares[kind]);
    const claimed = kind === 'self' ? leaf.selfShareCommitment : leaf.seedShareCommitment;
    if (found !== claimed) return refused('wrong-shape', `the ${kind} share is not the committed`);
  }
  if (dealer > recipient) return checked({ shares, edge: undefined });
  const edge = unwrapEdge(session, dealer, recipient, keys, leaf);
  if (edge === undefined) return refused('bad-signature', 'the pair value does not open');
  return checked({ shares, edge });
}

/**
 * The pair value that the lower id wrapped for the higher one; undefined when it does not open. Who
 * reconstructed a dropped member's seed opens its wraps in the same way.
 */
export function unwrapEdge(
  session: Session,
  lower: MemberId,
  higher: MemberId,
  keys: Pick<MemberKeys, 'maskKey'>,
  leaf: ShareLeaf,
): Uint8Array | undefined {
  if (leaf.wrap === null) return undefined;
  const secret = keys.maskKey.decapsulate(leaf.wrap.ciphertext);
  if (secret === undefined) return undefined;
  const key = packetKey(secret, session.id, lower, higher, 'wrap');
  const data = packetData(session.id, 'wrap', lower, keys.maskKey.publicKey);
  const edge = openOnce(key, leaf.wrap.box, data);
  return edge?.byteLength === SECRET_BYTES ? edge : undefined;
}

/**
 * The pair value is wrapped instead of taken from the KEM, because it must follow from the dealer's
 * seed alone when the dealer drops out, and native KEMs draw their own coins.
 */
function wrapEdge(
  session: Session,
  lower: MemberId,
  keys: MemberKeys,
  higher: MemberId,
  to: KeyAdvertisement,
): ShareLeaf['wrap'] | undefined {
  const channel = xWingEncapsulate(to.maskKey);
  if (channel === undefined) return undefined;
  const key = packetKey(channel.sharedSecret, session.id, lower, higher, 'wrap');
  const data = packetData(session.id, 'wrap', lower, to.maskKey);
  const edge = edgeSecret(keys.seed, session.id, lower, higher);
  return { box: sealOnce(key, edge, data), ciphertext: channel.ciphertext };
}

function at(shares: readonly Uint8Array[], i: number): Uint8Array {
  const share = shares[i];
  if (share === undefined) throw new RangeError(`no share ${i}`);
  return share;
}
