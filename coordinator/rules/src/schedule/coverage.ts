// How much of the federation's registered data a round's sum stands on.

import type { MemberId } from '@starling/shared';
import { MICROS } from '@starling/shared';
import type { RoundState } from '../round-state.ts';

export interface Coverage {
  /** Members whose update is in the sum. */
  readonly members: number;
  readonly cohort: number;
  /** Their registered examples. */
  readonly examples: number;
  /**
   * Registered examples that could have counted: those of every active peer; of the cohort alone
   * where the round wanted a number of updates, and without those asked beyond it.
   */
  readonly registeredExamples: number;
}

type Measured = Pick<RoundState, 'plan' | 'registered' | 'missing'>;

/** What the sum of these members stands on. */
export function coverageOf(round: Measured, contributors: readonly MemberId[]): Coverage {
  const { missing, plan, registered } = round;
  const examplesOf = (members: Iterable<MemberId>): number =>
    [...members].reduce((sum, member) => sum + (registered.get(member) ?? 0), 0);
  const surplus = missing.filter(({ reason }) => reason === 'surplus').map((each) => each.member);
  const asked = plan.updatesTarget === undefined ? registered.keys() : plan.cohort;
  return {
    members: contributors.length,
    cohort: plan.cohort.length,
    examples: examplesOf(contributors),
    registeredExamples: examplesOf(asked) - examplesOf(surplus),
  };
}

/** Why a sum of these members covers less than the plan declares; undefined when it is enough. */
export function coverageObjection(
  round: Measured,
  contributors: readonly MemberId[],
): string | undefined {
  const { coverageMinMicros = 0 } = round.plan;
  const { examples, registeredExamples } = coverageOf(round, contributors);
  if (examples * MICROS >= coverageMinMicros * registeredExamples) return undefined;
  const found = `${percent((examples * MICROS) / registeredExamples)} of the registered examples`;
  const declared = `${percent(coverageMinMicros)} are declared`;
  return `coverage is ${found} (${examples} of ${registeredExamples}), ${declared}`;
}

function percent(micros: number): string {
  return `${(micros / 10_000).toFixed(1)} %`;
}
