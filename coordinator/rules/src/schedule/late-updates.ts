// Whose update came too late for its round and may answer the next plan.

import type { MemberId, MissingReason, RoundPlan } from '@starling/shared';
import { activePeers, type FederationState } from '../federation-state.ts';
import { contributorsOf, type RoundState } from '../round-state.ts';

type LateUpdates = NonNullable<RoundPlan['late']>;

/**
 * Whose former training may answer the next plan: members of the cohort that were awaited in vain, or
 * whose group has no sum, and that have been in no sum since. Their own marks say whether it is spent.
 * @param stalenessMax 0: nobody's
 */
export function lateUpdates(
  state: FederationState,
  cohort: readonly MemberId[],
  stalenessMax: number,
): LateUpdates | undefined {
  if (stalenessMax === 0 || state.genesis.task.app !== null) return undefined;
  const version = state.versions.at(-1)?.version ?? 0;
  const all = [...state.roundHistory, ...(state.round === undefined ? [] : [state.round])];
  const newest = all.filter((round) => version - round.plan.baseVersion <= stalenessMax).reverse();
  const active = new Set(activePeers(state.roster).map(({ member }) => member));
  const members = [...cohort]
    .filter((member) => active.has(member))
    .sort()
    .flatMap((member) => {
      const round = newest.find(({ plan }) => plan.cohort.includes(member));
      return round !== undefined && isLate(round, member)
        ? [{ member, round: round.plan.round }]
        : [];
    });
  if (members.length === 0) return undefined;
  const named = new Set(members.map(({ round }) => round));
  const rounds = newest
    .filter(({ plan }) => named.has(plan.round))
    .map(({ plan, planDigest }) => ({
      base: plan.base,
      plan: planDigest,
      round: plan.round,
      staleness: version - plan.baseVersion,
    }))
    .sort((a, b) => a.round - b.round);
  return { members, rounds };
}

function isLate(round: RoundState, member: MemberId): boolean {
  if (contributorsOf(round).includes(member) && round.phase === 'final') return false;
  return round.missing.some((each) => each.member === member && LATE_REASONS.has(each.reason));
}

/** What a member may be missing for and still have trained. */
const LATE_REASONS: ReadonlySet<MissingReason> = new Set([
  'timeout',
  'offline',
  'group-failed',
  'surplus',
]);
