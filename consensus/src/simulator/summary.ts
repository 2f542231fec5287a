// What many runs come to, each probability with what is known of it.

import { rateText, wilsonInterval } from '../bounds/rate-interval.ts';
import { safetyBound } from '../bounds/safety-bound.ts';
import type { SimulatedRun } from './run-outcome.ts';
import { corruptPeers, type SimulationSpec } from './spec.ts';

/** A share of the runs: what was seen, and Wilson's interval at 95 %. */
export interface RunRate {
  readonly seen: number;
  readonly runs: number;
  readonly low: number;
  readonly high: number;
  /** For people; "< 3/N" when nothing was seen. */
  readonly text: string;
}

export interface SimulationSummary {
  /** Rounds or milliseconds until all were final, of the runs that agreed; null without one. */
  readonly finality: { readonly p50: number; readonly p99: number; readonly max: number } | null;
  /** Two honest peers finalised differently. */
  readonly violations: RunRate;
  /**
   * The analytic bound on a violation, by round and over `roundsMax`; null where none is known: for
   * certificates, unequal weights, and wherever rounds are not in lock-step.
   */
  readonly bound: { readonly perRound: number; readonly overall: number } | null;
  readonly undecided: RunRate;
  /** Means over the runs. */
  readonly polls: number;
  readonly messages: number;
  readonly bytes: number;
}

export function summariseRuns(
  spec: SimulationSpec,
  runs: readonly Omit<SimulatedRun, 'shares'>[],
): SimulationSummary {
  const agreed = runs.filter(({ ending }) => ending === 'agreed').map(({ last }) => last);
  return {
    finality: agreed.length === 0 ? null : percentiles(agreed),
    violations: rateOf(runs, 'conflict'),
    bound: boundOf(spec),
    undecided: rateOf(runs, 'undecided'),
    polls: mean(runs, 'polls'),
    messages: mean(runs, 'messages'),
    bytes: mean(runs, 'bytes'),
  };
}

function rateOf(
  runs: readonly Omit<SimulatedRun, 'shares'>[],
  ending: SimulatedRun['ending'],
): RunRate {
  const seen = runs.filter((run) => run.ending === ending).length;
  const interval = wilsonInterval(seen, runs.length);
  return { seen, runs: runs.length, ...interval, text: rateText(seen, runs.length) };
}

function boundOf(spec: SimulationSpec): SimulationSummary['bound'] {
  const { adversaryShare, crash, engine, level, loss, n, partition, roundsMax, weights } = spec;
  const isWhole = loss === 0 && crash === undefined && partition === undefined;
  const isLockStep = level !== 'message' && isWhole;
  if (engine !== 'snow' || !isLockStep || weights !== 'uniform') return null;
  const { perRound } = safetyBound({ ...spec, faulty: corruptPeers(n, adversaryShare) });
  return { perRound, overall: Math.min(1, perRound * roundsMax) };
}

function percentiles(values: readonly number[]): { p50: number; p99: number; max: number } {
  const sorted = Float64Array.from(values).sort();
  const at = (rank: number) => sorted[Math.ceil(rank * sorted.length) - 1] as number;
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}

function mean(
  runs: readonly Omit<SimulatedRun, 'shares'>[],
  name: 'polls' | 'messages' | 'bytes',
): number {
  return runs.reduce((sum, run) => sum + run[name], 0) / runs.length;
}
