// One proof of a live challenge (protocol /starling/auth/1.0.0): whoever is at the other end of a
// channel holds, now, the ML-DSA key that the roster has for that peer id.

import {
  AUTH_CHALLENGE_BYTES_MAX,
  type Auth,
  auth,
  authChallengeSchema,
  type Checked,
  checked,
  encodeCanonical,
  equalBytes,
  type FederationId,
  type MemberId,
  refused,
  type TransportId,
  type Verified,
} from '@starling/shared';
import type { Identity } from '../identity.ts';
import { openMessage } from '../open-message.ts';
import { decodeAs } from '../parse-frame.ts';
import { sealMessage } from '../seal-message.ts';

/** Who the roster says is behind a peer id. */
export interface ChannelMember {
  readonly member: MemberId;
  /** 1952 bytes. */
  readonly publicKey: Uint8Array;
  readonly role: Auth['role'];
}

export interface ExpectedProof {
  readonly federation: FederationId;
  /** The nonce that this proof must answer. */
  readonly challenge: Uint8Array;
  /** Peer id at the other end of the channel. */
  readonly prover: TransportId;
  /** Our own peer id. */
  readonly verifier: TransportId;
  readonly member: ChannelMember;
}

/** The bytes of a challenge with this nonce. */
export function encodeChallenge(nonce: Uint8Array): Uint8Array {
  return encodeCanonical(authChallengeSchema.parse({ nonce }));
}

/** The nonce of a challenge; never throws. */
export function decodeChallenge(bytes: Uint8Array): Checked<Uint8Array> {
  const decoded = decodeAs(bytes, authChallengeSchema, 'challenge', AUTH_CHALLENGE_BYTES_MAX);
  return decoded.ok ? checked(decoded.value.nonce) : decoded;
}

/**
 * The signed answer to a challenge.
 * @throws {TypeError} when a nonce is not 32 bytes
 */
export function proveChannel(
  identity: Identity,
  federation: FederationId,
  statement: Auth,
): Uint8Array {
  return sealMessage(identity, auth, { federation, body: statement });
}

/**
 * Checks an answer: the expected member's signature under `starling/auth/v1`, for this federation,
 * these two peer ids in this direction, this role and this challenge. The roster that the prover
 * names may be another than ours: what counts is that our key for it verifies. Never throws.
 */
export function verifyChannelProof(
  bytes: Uint8Array,
  expected: ExpectedProof,
): Checked<Verified<Auth>> {
  const { challenge, federation, member, prover, verifier } = expected;
  const opened = openMessage(bytes, auth, {
    federation,
    nowMs: 0,
    keyOf: (sender) => (sender === member.member ? member.publicKey : undefined),
  });
  if (!opened.ok) return opened;
  const { body } = opened.value;
  if (body.prover !== prover || body.verifier !== verifier) {
    const ends = `${body.prover} to ${body.verifier}`;
    return refused('not-permitted', `a proof of ${ends}, on a channel of ${prover} to ${verifier}`);
  }
  if (body.role !== member.role) {
    return refused('not-permitted', `a proof as ${body.role}, the roster says ${member.role}`);
  }
  if (!equalBytes(body.challenge, challenge)) {
    return refused('replay', 'the proof answers another challenge');
  }
  if (equalBytes(body.nonce, challenge)) {
    return refused('replay', 'the proof gives our own nonce back');
  }
  return opened;
}
