// Rounds as people look at them: phases over time, who is covered, why these members.

import { summariseRound } from '@starling/coordinator';
import { contributorsOf, type FederationState, isOpen, type RoundState } from '@starling/rules';
import type { MemberId } from '@starling/shared';
import type { RoundView } from '../api-types.ts';

/** The rounds that are in memory, oldest first. */
export function roundsKept({ round, roundHistory }: FederationState): RoundState[] {
  return [...roundHistory, ...(round === undefined ? [] : [round])];
}

export function viewRound(round: RoundState, state: FederationState): RoundView {
  const contributors = contributorsOf(round);
  const { cohort, voters } = round.plan;
  const registered = (members: readonly MemberId[]) =>
    members.reduce((sum, member) => {
      return sum + (state.registrations.get(member)?.examplesRounded ?? 0);
    }, 0);
  return {
    ...summariseRound(round),
    coverage: {
      cohort: cohort.length,
      examples: registered(contributors),
      members: contributors.length,
      registeredExamples: registered(cohort),
    },
    phases: phasesOf(round),
    selection: `${cohort.length} of ${voters.length}: all that were connected, registered and ready`,
  };
}

/** A closed round's last phase is its outcome and takes no time. */
function phasesOf(round: RoundState): RoundView['phases'] {
  const closedAtMs = isOpen(round) ? null : (round.closedAtMs ?? null);
  return round.phases.map(({ fromMs, phase }, i) => ({
    fromMs,
    phase,
    untilMs: round.phases[i + 1]?.fromMs ?? closedAtMs,
  }));
}
