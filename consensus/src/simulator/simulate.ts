// One way to ask for a simulation, whatever its level: everything follows from the spec.

import { specObjection } from './check-spec.ts';
import { ExchangeableNetwork } from './exchangeable.ts';
import { IdentifiedNetwork } from './identified.ts';
import type { LockStepAdversary } from './lock-step-adversary.ts';
import type { LockStepRun, SimulatedRun } from './run-outcome.ts';
import { corruptPeers, type SimulationSpec } from './spec.ts';
import { type SimulationSummary, summariseRuns } from './summary.ts';
import { pollTraffic } from './traffic.ts';
import { drawWeights } from './weights.ts';
import { Xoshiro128 } from './xoshiro.ts';

export interface Simulation {
  readonly spec: SimulationSpec;
  readonly unit: 'rounds' | 'ms';
  readonly runs: readonly SimulatedRun[];
  readonly summary: SimulationSummary;
  /** Of the first runs: share of the honest that prefer the first colour, round by round. */
  readonly shares: readonly (readonly number[])[];
  /** Of the spec and its runs: two machines that agree simulated the same. */
  readonly digest: string;
}

export interface SimulationOptions {
  /** Such as SHA3: this room has no cryptography. */
  readonly digestOf: (bytes: Uint8Array) => string;
  /** Told after every run; may stop the simulation by throwing. */
  readonly onRun?: (done: number) => void;
}

/** Runs whose preferences are kept round by round. */
export const SHARES_RUNS_MAX = 20;
/** Streams of random numbers from here on belong to the network, not to a run. */
const NETWORK_STREAM = 0xffff_0000;

/**
 * Runs a simulation to its end in this thread.
 * @throws {RangeError} that names the inequality which the spec violates
 */
export function simulate(spec: SimulationSpec, options: SimulationOptions): Simulation {
  const steps = simulateStepwise(spec, options);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
    options.onRun?.(value);
  }
}

/**
 * The same, one run at a time, for callers that must look after something else meanwhile. Yields
 * how many runs are done.
 * @throws {RangeError} that names the inequality which the spec violates
 */
export function* simulateStepwise(
  spec: SimulationSpec,
  { digestOf }: Pick<SimulationOptions, 'digestOf'>,
): Generator<number, Simulation> {
  const objection = specObjection(spec);
  if (objection !== undefined) throw new RangeError(objection);
  const runOnce = lockStepNetwork(spec);
  const runs: SimulatedRun[] = [];
  const shares: (readonly number[])[] = [];
  while (runs.length < spec.runs) {
    const run = runOnce(Xoshiro128.seeded(spec.seed, runs.length));
    const { ending, first, last, polls } = run;
    const traffic = pollTraffic(polls, spec.k);
    if (runs.length < SHARES_RUNS_MAX) shares.push(run.shares);
    runs.push({ ending, first: first ?? null, last, polls, ...traffic });
    yield runs.length;
  }
  const summary = summariseRuns(spec, runs);
  const unit = spec.level === 'message' ? 'ms' : 'rounds';
  const text = JSON.stringify({ spec, runs, shares });
  const digest = digestOf(new TextEncoder().encode(text));
  return { spec, unit, runs, summary, shares, digest };
}

function lockStepNetwork(spec: SimulationSpec): (random: Xoshiro128) => LockStepRun {
  const { adversaryShare, holderLevel, n, split, weights } = spec;
  if (spec.level === 'message') throw new RangeError('level message cannot be simulated yet');
  const adversary = spec.adversary as LockStepAdversary;
  if (spec.level === 'exchangeable') {
    const faulty = corruptPeers(n, adversaryShare);
    const honest = n - faulty;
    const network = new ExchangeableNetwork({
      ...spec,
      adversary,
      faulty,
      support: Math.round(split * honest),
      level: Math.round(holderLevel * honest),
    });
    return (random) => network.run(random);
  }
  const network = new IdentifiedNetwork({
    ...spec,
    adversary,
    level: holderLevel,
    weights: drawWeights(weights, n, Xoshiro128.seeded(spec.seed, NETWORK_STREAM)),
  });
  return (random) => network.run(random);
}
