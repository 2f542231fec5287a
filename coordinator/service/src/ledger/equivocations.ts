// Two statements that exclude each other are kept as proof, once for each fault.

import { statementFrame } from '@starling/crypto';
import { type FederationEvent, type FederationState, faultOf } from '@starling/rules';
import { type MemberId, modelVote } from '@starling/shared';

/** A second vote for a version that the member voted for otherwise. */
export function provenVotes(
  state: FederationState,
  member: MemberId,
  second: Uint8Array,
): FederationEvent[] {
  const { federation, round } = state;
  const vote = round?.votes.get(member);
  if (vote === undefined) return [];
  return proven(state, member, statementFrame(modelVote, { ...vote, federation }), second);
}

/** A second update for a plan that the member answered otherwise. */
export function provenUpdates(
  state: FederationState,
  member: MemberId,
  second: Uint8Array,
): FederationEvent[] {
  const first = state.round?.updates.get(member)?.frame;
  return first === undefined ? [] : proven(state, member, first, second);
}

function proven(
  { accounting }: FederationState,
  member: MemberId,
  first: Uint8Array,
  second: Uint8Array,
): FederationEvent[] {
  const fault = faultOf(first, second);
  if (fault === undefined || accounting.faults.has(fault.name)) return [];
  return [{ type: 'member-equivocated', payload: { first, member, second } }];
}
