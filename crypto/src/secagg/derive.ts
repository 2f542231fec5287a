// Every secret of PSA-1 that follows from another one, and every commitment: HKDF and SHA3-256 with
// the domain, the session and the members' ids in the input.

import type { Digest, MemberId } from '@starling/shared';
import { domainDigest, domainHash } from '../digest.ts';
import { hkdfSha256 } from '../hkdf.ts';

/** Which of a member's two secrets: the one behind its own mask, or the one behind its pair masks. */
export type SecretKind = 'self' | 'seed';

/** Seed of the X-Wing key that pair values are wrapped to. */
export function maskKeySeed(seed: Uint8Array, session: Digest, member: MemberId): Uint8Array {
  return hkdfSha256(seed, info('starling/psa1/mask-kem', session, member));
}

/** The pair value that the lower id chooses for an edge. */
export function edgeSecret(
  seed: Uint8Array,
  session: Digest,
  lower: MemberId,
  higher: MemberId,
): Uint8Array {
  return hkdfSha256(seed, info('starling/psa1/edge', session, lower, higher));
}

export function pairMaskSeed(
  edge: Uint8Array,
  session: Digest,
  lower: MemberId,
  higher: MemberId,
): Uint8Array {
  return hkdfSha256(edge, info('starling/psa1/mask', session, lower, higher));
}

export function selfMaskSeed(secret: Uint8Array, session: Digest, member: MemberId): Uint8Array {
  return hkdfSha256(secret, info('starling/psa1/self', session, member));
}

export function packetKey(
  sharedSecret: Uint8Array,
  session: Digest,
  from: MemberId,
  to: MemberId,
  use: 'packet' | 'wrap' | 'unmask',
): Uint8Array {
  return hkdfSha256(sharedSecret, info(`starling/psa1/${use}-key`, session, from, to));
}

/** Associated data of a sealed box: which step of which session, from whom to which key. */
export function packetData(
  session: Digest,
  use: 'packet' | 'wrap' | 'unmask',
  from: MemberId,
  publicKey: Uint8Array,
): Uint8Array {
  const domain = `starling/psa1/${use}`;
  return domainHash(domain, Buffer.from(session, 'hex'), Buffer.from(from, 'hex'), publicKey);
}

/** Commitment to a secret; the secret has 32 random bytes, so it hides. */
export function secretCommitment(
  kind: SecretKind,
  session: Digest,
  member: MemberId,
  secret: Uint8Array,
): Digest {
  const domain = kind === 'self' ? 'starling/psa1/comb' : 'starling/psa1/comS';
  return domainDigest(domain, Buffer.from(session, 'hex'), Buffer.from(member, 'hex'), secret);
}

export function shareCommitment(
  kind: SecretKind,
  session: Digest,
  dealer: MemberId,
  holder: MemberId,
  share: Uint8Array,
): Digest {
  const ids = [session, dealer, holder].map((id) => Buffer.from(id, 'hex'));
  return domainDigest(`starling/psa1/share/${kind}`, ...ids, share);
}

/** All parts but the domain have 32 bytes, and no domain begins another with a zero byte behind. */
function info(domain: string, session: Digest, ...members: readonly MemberId[]): Uint8Array {
  const ids = [session, ...members].map((id) => Buffer.from(id, 'hex'));
  return Buffer.concat([new TextEncoder().encode(`${domain}\0`), ...ids]);
}
