// Which cluster a seed stands for: sizes, adversaries and faults of the seeded Simplex runs.

import {
  faultTolerance,
  MESSAGE_LEVEL_ADVERSARIES,
  type MessageLevelOutcome,
  type MessageLevelSpec,
  runMessageLevel,
} from '@starling/consensus';

/**
 * The cluster of a seed: F Byzantine members of one kind, up to 10 % loss, crashes with a restart,
 * partitions that heal, slow members, flushes that take time. All members of these drawings are
 * coprime to each other, so every size meets every adversary and fault.
 */
export function plannedRun(seed: number, members: number): Partial<MessageLevelSpec> {
  const adversary = pick(MESSAGE_LEVEL_ADVERSARIES, seed);
  const hasFaults = members <= 30;
  return {
    seed,
    members,
    adversary,
    byzantine: faultTolerance(members),
    heights: members <= 30 ? 1 + (seed % 3) : 1,
    loss: pick([0.1, 0, 0.02, 0.1, 0.05], seed),
    crashes: hasFaults ? seed % 4 : 1,
    partitions: hasFaults && seed % 7 < 3 ? 1 + (seed % 2) : 0,
    slow: seed % 11 === 0 ? 1 : 0,
    flushMs: seed % 13 < 6 ? 5 : 0,
    delaySigma: 0.5,
  };
}

export interface RunsSummary {
  readonly runs: number;
  readonly violations: readonly number[];
  readonly undecided: readonly number[];
  readonly messages: number;
  readonly decisions: number;
  readonly simulatedMsMax: number;
}

/** Runs the seeds one after another; keeps those of runs that failed. */
export function summarise(
  specs: Iterable<Partial<MessageLevelSpec>>,
  onRun: (outcome: MessageLevelOutcome) => void = () => {},
): RunsSummary {
  const violations: number[] = [];
  const undecided: number[] = [];
  let [runs, messages, decisions, simulatedMsMax] = [0, 0, 0, 0];
  for (const spec of specs) {
    const outcome = runMessageLevel(spec);
    onRun(outcome);
    runs += 1;
    messages += outcome.messages;
    decisions += Math.max(...outcome.decided.map(({ decisions: own }) => own.length));
    simulatedMsMax = Math.max(simulatedMsMax, outcome.simulatedMs);
    if (outcome.violations.length > 0) violations.push(outcome.seed);
    if (outcome.undecided.length > 0) undecided.push(outcome.seed);
  }
  return { runs, violations, undecided, messages, decisions, simulatedMsMax };
}

function pick<T>(choices: readonly [T, ...T[]] | readonly T[], index: number): T {
  const choice = choices[index % choices.length];
  if (choice === undefined) throw new RangeError('nothing to pick from');
  return choice;
}
