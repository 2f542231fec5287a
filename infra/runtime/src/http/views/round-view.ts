// Rounds as people look at them: phases over time, who is covered, why these members.

import { summariseRound } from '@starling/coordinator';
import { type FederationState, phaseSpans, type RoundState } from '@starling/rules';
import type { RoundView } from '../api-types.ts';

/** The rounds that are in memory, oldest first. */
export function roundsKept({ round, roundHistory }: FederationState): RoundState[] {
  return [...roundHistory, ...(round === undefined ? [] : [round])];
}

export function viewRound(round: RoundState): RoundView {
  const { cohort, voters } = round.plan;
  return {
    ...summariseRound(round),
    phases: phaseSpans(round),
    selection: round.selection?.text ?? `${cohort.length} of ${voters.length} voters`,
  };
}
