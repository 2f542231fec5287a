// A proposed roster as a file that goes from administrator to administrator: with all that each
// needs to check it alone, and the signatures so far.

import { decodeAs, digestOf, type Identity, openGenesis } from '@starling/crypto';
import type { Checked, Digest, MemberId, Refusal, Roster } from '@starling/shared';
import {
  bytesSchema,
  checked,
  encodeCanonical,
  refusal,
  refused,
  roster,
  z,
} from '@starling/shared';
import { isSignedBy, signaturesSchema, withSignatureOf } from '../administrators/signed-form.ts';
import type { FederationState } from '../federation-state.ts';
import { PROOFS_MAX, proofObjection } from './check-proofs.ts';
import { rosterObjection, successorObjection } from './check-roster.ts';
import { type OpenedRoster, openRoster, type RosterTrust } from './open-roster.ts';

export const SIGNING_REQUEST_BYTES_MAX = 2 * 1024 * 1024;

const schema = z.strictObject({
  body: bytesSchema,
  /** The signed roster in force; null when the first one is proposed. */
  current: bytesSchema.nullable(),
  genesis: bytesSchema,
  proofs: z.array(bytesSchema).max(PROOFS_MAX),
  signatures: signaturesSchema,
});

export interface SigningRequest {
  readonly trust: RosterTrust;
  readonly current: OpenedRoster | undefined;
  readonly next: Roster;
  readonly bodyBytes: Uint8Array;
  readonly bodyDigest: Digest;
  readonly signatures: ReadonlyMap<MemberId, Uint8Array>;
  readonly content: z.infer<typeof schema>;
}

/** The open proposal of a federation as a request; undefined when nothing is proposed. */
export function signingRequest(state: FederationState): Uint8Array | undefined {
  const { genesisFrame, proposal, rosterDigest, rosterFrames } = state;
  if (proposal === undefined) return undefined;
  return encodeCanonical({
    body: proposal.bodyBytes,
    current: rosterFrames.get(rosterDigest) ?? null,
    genesis: genesisFrame,
    proofs: [...proposal.proofs],
    signatures: [...proposal.signatures].map(([member, signature]) => ({ member, signature })),
  });
}

/**
 * Opens a request and checks all that an administrator answers for: the genesis, the roster in
 * force, that the next one follows it, that a record proves each new key, and the signatures so far.
 * Which federation it is, and whether the changes are wanted, is for the person to see. Never throws.
 */
export function openSigningRequest(bytes: Uint8Array, nowMs: number): Checked<SigningRequest> {
  const decoded = decodeAs(bytes, schema, 'request', SIGNING_REQUEST_BYTES_MAX);
  if (!decoded.ok) return decoded;
  const content = decoded.value;
  const founded = openGenesis(content.genesis);
  if (!founded.ok) return founded;
  const { federation, genesis } = founded.value;
  const trust: RosterTrust = { federation, genesis: genesis.body };
  const current = content.current === null ? undefined : openRoster(content.current, trust);
  if (current?.ok === false) return current;
  const body = decodeAs(content.body, roster.schema, 'roster', roster.bodyBytesMax);
  if (!body.ok) return body;
  const known = current?.value;
  const objection =
    rosterObjection(body.value, trust.genesis) ??
    placeObjection(known, body.value) ??
    proofObjection(known?.body, body.value, content.proofs, { federation, nowMs });
  if (objection !== undefined) return { ok: false, refusal: objection };
  if (body.value.notAfterMs <= nowMs) return refused('expired', 'the proposed roster has ended');
  const signatures = new Map(content.signatures.map((it) => [it.member, it.signature]));
  const opened: SigningRequest = {
    trust,
    current: known,
    next: body.value,
    bodyBytes: content.body,
    bodyDigest: digestOf(content.body),
    signatures,
    content,
  };
  const odd = content.signatures.find((each) => !isSignedBy(roster, trust, content.body, each));
  if (odd === undefined) return checked(opened);
  return refused('bad-signature', `the signature of ${odd.member} does not hold`);
}

/** The request with one more signature. @throws {TypeError} when the identity is no administrator */
export function signRequest(request: SigningRequest, identity: Identity): Uint8Array {
  const { content, trust } = request;
  const signatures = withSignatureOf(identity, roster, trust, content);
  return encodeCanonical({ ...content, signatures });
}

function placeObjection(current: OpenedRoster | undefined, next: Roster): Refusal | undefined {
  if (current !== undefined) {
    return successorObjection({ roster: current.body, digest: current.bodyDigest }, next);
  }
  if (next.seq === 1 && next.members.length === 1) return undefined;
  return refusal('wrong-shape', 'the roster before this one is missing');
}
