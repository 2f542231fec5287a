// What a simulation is asked for.

import type { Outage } from './identified-peers.ts';
import { LOCK_STEP_ADVERSARIES } from './lock-step-adversary.ts';
import { ADVERSARIES as VOTING_ADVERSARIES } from './message-level/spec.ts';
import type { WeightKind } from './weights.ts';

/**
 * `exchangeable`: lock-step rounds of peers that only counts tell apart, up to a million.
 * `identified`: lock-step rounds of real peers with weights, losses, crashes and partitions.
 * `message`: every message has its own delay; the level that certificates are simulated on.
 */
export const SIMULATION_LEVELS = ['exchangeable', 'identified', 'message'] as const;
export type SimulationLevel = (typeof SIMULATION_LEVELS)[number];

export const SIMULATION_ENGINES = ['snow', 'simplex'] as const;
export type SimulationEngine = (typeof SIMULATION_ENGINES)[number];

/** Against polls the lock-step ones, against certificates those of the message level. */
export const ADVERSARIES = [
  ...LOCK_STEP_ADVERSARIES,
  ...VOTING_ADVERSARIES.filter((name) => name !== 'silent'),
] as const;
export type Adversary = (typeof ADVERSARIES)[number];

export interface SimulationSpec {
  readonly seed: number;
  readonly level: SimulationLevel;
  readonly engine: SimulationEngine;
  readonly n: number;
  readonly weights: WeightKind;
  readonly k: number;
  readonly alphaPreference: number;
  readonly alphaConfidence: number;
  readonly beta: number;
  /** Share of the honest peers that start with the first colour. */
  readonly split: number;
  readonly adversary: Adversary;
  readonly adversaryShare: number;
  /** Share of the honest that a holder keeps at the first colour. */
  readonly holderLevel: number;
  /** Median one-way delay, at level `message`. */
  readonly delayMs: number;
  /** P that a message is lost. */
  readonly loss: number;
  /** Outages are counted in rounds, at level `message` in milliseconds. */
  readonly crash: Outage | undefined;
  readonly partition: Outage | undefined;
  readonly runs: number;
  /** A run that takes longer is undecided; at level `message` a round is a round trip. */
  readonly roundsMax: number;
}

export const DEFAULT_SPEC: SimulationSpec = Object.freeze({
  seed: 1,
  level: 'exchangeable',
  engine: 'snow',
  n: 1000,
  weights: 'uniform',
  k: 20,
  alphaPreference: 11,
  alphaConfidence: 15,
  beta: 20,
  split: 0.5,
  adversary: 'silent',
  adversaryShare: 0,
  holderLevel: 0.7,
  delayMs: 60,
  loss: 0,
  crash: undefined,
  partition: undefined,
  runs: 100,
  roundsMax: 500,
});

/** Corrupt peers among n: the largest whole number within the share. */
export function corruptPeers(n: number, share: number): number {
  // Products such as 0.29 × 100 come out a little too small.
  return Math.floor(n * share + 1e-9);
}
