// Rosters and proposals in the fold: the chain, and what follows a member whose key was rotated.

import { digestOf } from '@starling/crypto';
import type { Digest, MemberId, Roster } from '@starling/shared';
import type { RecordedEvent } from '../events.ts';
import type { FederationState } from '../federation-state.ts';
import { followKey } from '../ledger/accounting.ts';
import { followScores } from '../registry/model-registry.ts';
import { isOpen } from '../round-state.ts';
import { RulesError } from '../rules-error.ts';
import { rosterObjection, successorObjection } from './check-roster.ts';
import { readRoster, readRosterBody } from './open-roster.ts';

/** Rosters that stay in memory, beside the one that an open round names; the log has all. */
export const ROSTERS_KEPT_MAX = 32;

/** A roster that waits for signatures. */
export interface RosterProposal {
  readonly body: Roster;
  readonly bodyBytes: Uint8Array;
  readonly bodyDigest: Digest;
  readonly proofs: readonly Uint8Array[];
  readonly invitations: readonly { readonly member: MemberId; readonly nonce: Digest }[];
  readonly signatures: Map<MemberId, Uint8Array>;
}

type Event<T extends RecordedEvent['type']> = RecordedEvent & { readonly type: T };

/** @throws {RulesError} `impossible-event` for a roster that does not follow. */
export function foldRoster(state: FederationState, event: Event<'roster-changed'>): void {
  const { roster: frame } = event.payload;
  const { body, bodyDigest } = readRoster(frame);
  assertFollows(state, body, event);
  for (const { formerly, member } of body.members) {
    const isNew = formerly !== null && state.roster.members.some((it) => it.member === formerly);
    if (isNew) follow(state, formerly, member, event.seq);
  }
  state.roster = body;
  state.rosterDigest = bodyDigest;
  state.rosterEvents.push(event.seq);
  state.rosterFrames.set(bodyDigest, frame);
  state.proposal = undefined;
  forgetOldest(state);
}

/** @throws {RulesError} `impossible-event` for a proposal that would not follow. */
export function foldProposal(state: FederationState, event: Event<'roster-proposed'>): void {
  const { body: bodyBytes, invitations, proofs } = event.payload;
  const body = readRosterBody(bodyBytes);
  assertFollows(state, body, event);
  const bodyDigest = digestOf(bodyBytes);
  state.proposal = { body, bodyBytes, bodyDigest, proofs, invitations, signatures: new Map() };
}

export function foldSignature(state: FederationState, event: Event<'roster-signed'>): void {
  const { member, proposal, signature } = event.payload;
  const isAdministrator = state.genesis.administrators.some((it) => it.member === member);
  if (state.proposal?.bodyDigest !== proposal || !isAdministrator) {
    const detail = `event ${event.seq} signs no open proposal as an administrator`;
    throw new RulesError('impossible-event', detail);
  }
  state.proposal.signatures.set(member, signature);
}

/** The member that a key stands for now: its own, or the one whose key took its place. */
export function presentMember(
  { successors }: Pick<FederationState, 'successors'>,
  member: MemberId,
): MemberId {
  let present = member;
  for (let next = successors.get(present); next !== undefined; next = successors.get(present)) {
    present = next;
  }
  return present;
}

function assertFollows(state: FederationState, body: Roster, event: RecordedEvent): void {
  const current = { roster: state.roster, digest: state.rosterDigest };
  const objection =
    rosterObjection(body, state.genesis) ??
    (state.roster.seq === 0 ? undefined : successorObjection(current, body));
  const isFirst = body.seq === 1 && body.previous === null;
  if (objection === undefined && (state.roster.seq > 0 || isFirst)) return;
  const detail = objection?.detail ?? `roster ${body.seq} is the first`;
  throw new RulesError('impossible-event', `event ${event.seq} (${event.type}): ${detail}`);
}

/** The account, the registration and the evaluations go on under the new key. */
function follow(state: FederationState, from: MemberId, to: MemberId, seq: number): void {
  const round = state.round?.plan.round ?? 0;
  state.ledger.rotate(from, to, { seq, round });
  followKey(state.accounting, from, to);
  state.successors.set(from, to);
  const registration = state.registrations.get(from);
  if (registration !== undefined) state.registrations.set(to, registration);
  state.registrations.delete(from);
  const evaluations = state.evaluations.get(from);
  if (evaluations !== undefined) state.evaluations.set(to, evaluations);
  state.evaluations.delete(from);
  followScores(state.registry, from, to);
}

function forgetOldest({ round, rosterFrames }: FederationState): void {
  const inUse = round !== undefined && isOpen(round) ? round.plan.roster : undefined;
  for (const digest of rosterFrames.keys()) {
    if (rosterFrames.size <= ROSTERS_KEPT_MAX) return;
    if (digest !== inUse) rosterFrames.delete(digest);
  }
}
