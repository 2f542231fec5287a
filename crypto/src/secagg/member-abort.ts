// Leaving a session: secrets are overwritten, nothing is revealed.

import type { SessionPhaseName } from '@starling/shared';
import { eraseMemberKeys } from './member-keys.ts';
import type { AbortReason, MemberState, MemberStep } from './member-state.ts';

export function aborted(
  state: MemberState,
  reason: AbortReason,
  detail: string,
  evidence: readonly Uint8Array[] = [],
): MemberStep {
  const left: MemberState = { ...erased(state), phase: 'aborted', abort: { reason, detail } };
  return { state: left, effects: [{ kind: 'aborted', reason, detail, evidence }] };
}

/** The state without its secrets; the arrays that held them are overwritten. */
export function erased(state: MemberState): MemberState {
  eraseMemberKeys(state.keys);
  for (const held of state.dealt.values()) {
    held.self.fill(0);
    held.seed.fill(0);
  }
  for (const { shares, edge } of state.opened.values()) {
    shares.self.fill(0);
    shares.seed.fill(0);
    edge?.fill(0);
  }
  return { ...state, dealt: new Map(), opened: new Map() };
}

/** The coordinator's own words in a phase: what it signed stands against it. */
export function framesOf(state: MemberState, ...phases: readonly SessionPhaseName[]): Uint8Array[] {
  return phases.flatMap((phase) => state.accepted.get(phase)?.frame ?? []);
}
