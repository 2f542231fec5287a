// A roster counts with the signatures of enough administrators over its body. Whoever knows the
// genesis checks it without trusting the one who carries it.

import { type CertificateRefusal, verifyCertificate } from '@starling/consensus';
import { decodeAs, digestOf, verifyStatement } from '@starling/crypto';
import type {
  Checked,
  Digest,
  FederationId,
  Genesis,
  MemberId,
  RefusalReason,
  Roster,
  SignedRoster,
} from '@starling/shared';
import {
  checked,
  encodeCanonical,
  refused,
  roster,
  SIGNED_ROSTER_BYTES_MAX,
  signedRosterSchema,
} from '@starling/shared';
import { RulesError } from '../rules-error.ts';
import { rosterObjection } from './check-roster.ts';

/** What a roster is checked against. */
export interface RosterTrust {
  readonly federation: FederationId;
  readonly genesis: Genesis;
}

export interface OpenedRoster {
  readonly body: Roster;
  readonly bodyBytes: Uint8Array;
  /** Names the roster in plans and in the roster after it. */
  readonly bodyDigest: Digest;
  readonly signers: readonly MemberId[];
}

/**
 * Opens a signed roster: canonical form, well-formed body, signatures of `threshold` different
 * administrators of the genesis. Its place in the chain and its end are the caller's to check.
 * Never throws.
 */
export function openRoster(bytes: Uint8Array, trust: RosterTrust): Checked<OpenedRoster> {
  const opened = decodeRoster(bytes);
  if (!opened.ok) return opened;
  const { administrators, threshold } = trust.genesis;
  const keys = new Map(administrators.map(({ member, publicKey }) => [member, publicKey]));
  const { federation } = trust;
  const verdict = verifyCertificate(opened.value.signed, {
    voters: [...keys.keys()],
    quorum: threshold,
    verify: (sender, bodyBytes, signature) => {
      const publicKey = keys.get(sender);
      if (publicKey === undefined) return false;
      return verifyStatement(roster, { federation, sender, publicKey, bodyBytes, signature });
    },
  });
  if (!verdict.ok) return refused(REASONS[verdict.reason], says(verdict.reason, threshold));
  const { body } = opened.value.opened;
  const objection = rosterObjection(body, trust.genesis);
  if (objection !== undefined) return { ok: false, refusal: objection };
  return checked(opened.value.opened);
}

/** Reads a roster that was verified when it was recorded. @throws {RulesError} `corrupt-log` */
export function readRoster(bytes: Uint8Array): OpenedRoster {
  const decoded = decodeRoster(bytes);
  if (!decoded.ok) throw new RulesError('corrupt-log', decoded.refusal.detail);
  return decoded.value.opened;
}

/** The form in which a roster travels. */
export function encodeSignedRoster(
  body: Uint8Array,
  signatures: ReadonlyMap<MemberId, Uint8Array>,
): Uint8Array {
  const sorted = [...signatures]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([member, signature]) => ({ member, signature }));
  return encodeCanonical({ body, signatures: sorted });
}

/** A roster's body bytes. @throws {RulesError} `corrupt-log` */
export function readRosterBody(bodyBytes: Uint8Array): Roster {
  const body = decodeAs(bodyBytes, roster.schema, 'roster', roster.bodyBytesMax);
  if (!body.ok) throw new RulesError('corrupt-log', body.refusal.detail);
  return body.value;
}

interface Decoded {
  readonly signed: SignedRoster;
  readonly opened: OpenedRoster;
}

function decodeRoster(bytes: Uint8Array): Checked<Decoded> {
  if (bytes.byteLength > SIGNED_ROSTER_BYTES_MAX) {
    return refused('oversized', `a roster of ${bytes.byteLength} bytes`);
  }
  // A copy: what is opened shares no memory with the network's buffers.
  const own = new Uint8Array(bytes);
  const signed = decodeAs(own, signedRosterSchema, 'signed roster', SIGNED_ROSTER_BYTES_MAX);
  if (!signed.ok) return signed;
  const { body: bodyBytes, signatures } = signed.value;
  const body = decodeAs(bodyBytes, roster.schema, 'roster', roster.bodyBytesMax);
  if (!body.ok) return body;
  const opened = {
    body: body.value,
    bodyBytes,
    bodyDigest: digestOf(bodyBytes),
    signers: signatures.map(({ member }) => member),
  };
  return checked({ signed: signed.value, opened });
}

const REASONS: Readonly<Record<CertificateRefusal, RefusalReason>> = Object.freeze({
  'not-a-voter': 'not-permitted',
  'duplicate-signer': 'wrong-shape',
  'unsorted-signers': 'wrong-shape',
  'too-few': 'not-permitted',
  'bad-signature': 'bad-signature',
});

function says(reason: CertificateRefusal, threshold: number): string {
  switch (reason) {
    case 'not-a-voter':
      return 'somebody signed the roster who is no administrator';
    case 'duplicate-signer':
      return 'an administrator signed the roster twice';
    case 'unsorted-signers':
      return 'the signatures of the roster are not in order';
    case 'too-few':
      return `the roster needs the signatures of ${threshold} administrators`;
    case 'bad-signature':
      return 'a signature of the roster does not hold';
  }
}
