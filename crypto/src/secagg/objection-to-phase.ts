// What a member demands of the coordinator's announcements, phase by phase (PSA-1, R1 to R4).

import type { MemberId, SessionPhase } from '@starling/shared';
import type { AbortReason, MemberState } from './member-state.ts';
import { survivorsDigest } from './phase-root.ts';
import { shareholdersOf } from './session.ts';

interface Objection {
  readonly reason: AbortReason;
  readonly detail: string;
}

/** Why a member leaves when it hears this announcement; undefined when it may go on. */
export function objectionToPhase(state: MemberState, body: SessionPhase): Objection | undefined {
  const { members, phase } = body;
  const { announce } = state.session;
  const before = audienceOf(state, phase);
  const isSorted = members.every((each, i) => i === 0 || (members[i - 1] ?? '') < each);
  if (!isSorted) return { reason: 'unknown-member', detail: `${phase}: members are not sorted` };
  const stranger = members.find((each) => !before.includes(each));
  if (stranger !== undefined) {
    return {
      reason: 'unknown-member',
      detail: `${phase} names ${stranger}, who was not in before`,
    };
  }
  if (phase === 'unmasking') return objectionToUnmasking(state, body);
  if (!members.includes(state.member)) {
    return { reason: 'left-out', detail: `${phase} goes on without this member` };
  }
  if (members.length < announce.survivorsMin) {
    const detail = `${phase}: ${members.length} members, at least ${announce.survivorsMin}`;
    return { reason: 'too-few', detail };
  }
  const inside = new Set(members);
  const holders = shareholdersOf(state.session, state.member).filter((each) => inside.has(each));
  if (holders.length >= announce.threshold) return undefined;
  const detail = `${phase}: ${holders.length} shareholders, at least ${announce.threshold}`;
  return { reason: 'too-few', detail };
}

/** The signers must have signed what this member signed. */
function objectionToUnmasking(state: MemberState, body: SessionPhase): Objection | undefined {
  const { survivors } = state;
  if (survivors === undefined || body.root !== survivorsDigest(survivors)) {
    return { reason: 'split-view', detail: 'other survivors are certified than were signed' };
  }
  return undefined;
}

function audienceOf(state: MemberState, phase: SessionPhase['phase']): readonly MemberId[] {
  const accepted = (name: SessionPhase['phase']): readonly MemberId[] =>
    state.accepted.get(name)?.body.members ?? [];
  switch (phase) {
    case 'sharing':
      return state.session.announce.participants;
    case 'masking':
      return accepted('sharing');
    case 'signing':
      return accepted('masking');
    case 'unmasking':
      return accepted('signing');
  }
}
