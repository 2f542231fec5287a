// One way to ask for a simulation, whatever its level: everything follows from the spec.

import { specObjection } from './check-spec.ts';
import { ExchangeableNetwork } from './exchangeable.ts';
import { IdentifiedNetwork } from './identified.ts';
import type { LockStepAdversary } from './lock-step-adversary.ts';
import { SnowMessageNetwork } from './message-level/snow-network.ts';
import type { SimulatedRun } from './run-outcome.ts';
import { patienceMs, simplexRunner } from './simplex-runs.ts';
import { corruptPeers, type SimulationSpec } from './spec.ts';
import { type SimulationSummary, summariseRuns } from './summary.ts';
import { pollTraffic } from './traffic.ts';
import { drawWeights } from './weights.ts';
import { Xoshiro128 } from './xoshiro.ts';

export interface Simulation {
  readonly spec: SimulationSpec;
  readonly unit: 'rounds' | 'ms';
  readonly runs: readonly Omit<SimulatedRun, 'shares'>[];
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
  const runOnce = runnerOf(spec);
  const runs: Omit<SimulatedRun, 'shares'>[] = [];
  const shares: (readonly number[])[] = [];
  while (runs.length < spec.runs) {
    const { shares: preferences, ...run } = runOnce(Xoshiro128.seeded(spec.seed, runs.length));
    if (runs.length < SHARES_RUNS_MAX) shares.push(preferences);
    runs.push(run);
    yield runs.length;
  }
  const summary = summariseRuns(spec, runs);
  const unit = spec.level === 'message' ? 'ms' : 'rounds';
  const text = JSON.stringify({ spec, runs, shares });
  const digest = digestOf(new TextEncoder().encode(text));
  return { spec, unit, runs, summary, shares, digest };
}

/** What makes one run of a spec. */
function runnerOf(spec: SimulationSpec): (random: Xoshiro128) => SimulatedRun {
  if (spec.engine === 'simplex') return simplexRunner(spec);
  if (spec.level === 'message') {
    const limitMs = patienceMs(spec);
    const network = new SnowMessageNetwork({ ...identifiedSetting(spec), limitMs });
    return (random) => network.run(random);
  }
  const network = spec.level === 'identified' ? identified(spec) : exchangeable(spec);
  return (random) => {
    const { first, polls, ...run } = network.run(random);
    return { ...run, first: first ?? null, polls, ...pollTraffic(polls, spec.k) };
  };
}

function exchangeable(spec: SimulationSpec): ExchangeableNetwork {
  const faulty = corruptPeers(spec.n, spec.adversaryShare);
  const honest = spec.n - faulty;
  return new ExchangeableNetwork({
    ...spec,
    adversary: spec.adversary as LockStepAdversary,
    faulty,
    support: Math.round(spec.split * honest),
    level: Math.round(spec.holderLevel * honest),
  });
}

function identified(spec: SimulationSpec): IdentifiedNetwork {
  return new IdentifiedNetwork(identifiedSetting(spec));
}

function identifiedSetting(spec: SimulationSpec) {
  return {
    ...spec,
    adversary: spec.adversary as LockStepAdversary,
    level: spec.holderLevel,
    weights: drawWeights(spec.weights, spec.n, Xoshiro128.seeded(spec.seed, NETWORK_STREAM)),
  };
}
