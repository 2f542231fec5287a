// What an operator sees of each member: how far it is, when it was last heard, what it reports.

import {
  activePeers,
  type FederationState,
  isAnswered,
  memberAccount,
  type Presence,
  type RoundState,
} from '@starling/rules';
import type { Evaluation, MemberId, SiteReport, SiteState, TransportId } from '@starling/shared';
import type { Reported } from './site-reports.ts';

/** Each but `offline` holds those before it. */
export type MemberState = 'offline' | SiteState;

export interface MemberStatus {
  readonly member: MemberId;
  readonly site: string;
  readonly state: MemberState;
  readonly connected: boolean;
  readonly registered: boolean;
  /** Corpus indexed and baselines done. */
  readonly ready: boolean;
  readonly examplesRounded: number;
  /** Whole token units, in decimal. */
  readonly balance: string;
  readonly evaluations: readonly Evaluation[];
  /**
   * When something last came over the member's own connection, by the coordinator's clock; null when
   * nothing has since the coordinator started.
   */
  readonly lastContactMs: number | null;
  /** Its newest report; null before the first and when that is too long ago. */
  readonly report: SiteReport | null;
  readonly reportedAtMs: number | null;
}

export interface MemberContext {
  readonly presence: Presence;
  lastContactMs(peer: TransportId): number | null;
  reported(member: MemberId): Reported;
}

export function describeMembers(state: FederationState, context: MemberContext): MemberStatus[] {
  return activePeers(state.roster).map(({ member, site, transportId }) => {
    const registration = state.registrations.get(member);
    const connected = !context.presence.awaySinceMs.has(member);
    const reported = context.reported(member);
    return {
      member,
      site,
      state: connected ? stateOf(member, state, reported) : 'offline',
      connected,
      registered: registration !== undefined,
      ready: registration?.ready ?? false,
      examplesRounded: registration?.examplesRounded ?? 0,
      balance: state.ledger.balance(memberAccount(member)).toString(),
      evaluations: [...(state.evaluations.get(member)?.values() ?? [])],
      lastContactMs: context.lastContactMs(transportId),
      ...reported,
    };
  });
}

/**
 * Registered and configured are on record. That it trains a report from after the plan says; until
 * there is one, whoever was asked and has not answered trains.
 */
function stateOf(
  member: MemberId,
  { registrations, round }: FederationState,
  { report, reportedAtMs }: Reported,
): SiteState {
  const registration = registrations.get(member);
  if (registration === undefined) return 'connected';
  if (!registration.ready) return 'registered';
  const isTold = report !== null && (reportedAtMs ?? 0) > (round?.openedAtMs ?? 0);
  const trains = isTold ? report.state === 'training' : isAwaited(member, round);
  return trains ? 'training' : 'configured';
}

function isAwaited(member: MemberId, round: RoundState | undefined): boolean {
  return (
    round?.phase === 'training' && round.plan.cohort.includes(member) && !isAnswered(round, member)
  );
}
