// Which inequality a simulation's spec violates, in words that name it.

import { SAMPLE_MAX } from './identified.ts';
import type { Outage } from './identified-peers.ts';
import { LOCK_STEP_ADVERSARIES } from './lock-step-adversary.ts';
import { ADVERSARIES as VOTING_ADVERSARIES } from './message-level/spec.ts';
import {
  ADVERSARIES,
  corruptPeers,
  SIMULATION_ENGINES,
  SIMULATION_LEVELS,
  type SimulationSpec,
} from './spec.ts';
import { WEIGHT_KINDS } from './weights.ts';

export const SEED_MAX = 2 ** 32 - 1;
export const PEERS_MIN = 4;
/** By level: what memory and patience allow. */
export const PEERS_MAX = Object.freeze({
  exchangeable: 10_000_000,
  identified: 1_000_000,
  message: 1000,
});
/** With unequal weights an urn has some sixteen units for each peer. */
export const WEIGHED_PEERS_MAX = Object.freeze({ ...PEERS_MAX, identified: 65_536 });
export const RUNS_MAX = 1_000_000;
export const ROUNDS_MAX = 1_000_000;
export const DELAY_MS_MIN = 1;
export const DELAY_MS_MAX = 60_000;
/** Rounds or milliseconds. */
export const OUTAGE_END_MAX = 10_000_000;
export const BETA_MAX = 10_000;

type Rule = readonly [holds: boolean, violated: string];

/** The first rule that a spec breaks; undefined when it can be simulated. */
export function specObjection(spec: SimulationSpec): string | undefined {
  for (const rules of [names, sizes, thresholds, shares, combinations]) {
    const broken = rules(spec).find(([holds]) => !holds);
    if (broken !== undefined) return broken[1];
  }
  return undefined;
}

function names({ adversary, engine, level, weights }: SimulationSpec): Rule[] {
  return [
    oneOf('level', level, SIMULATION_LEVELS),
    oneOf('engine', engine, SIMULATION_ENGINES),
    oneOf('weights', weights, WEIGHT_KINDS),
    oneOf('adversary', adversary, ADVERSARIES),
  ];
}

function sizes({ beta, k, level, n, roundsMax, runs, seed, weights }: SimulationSpec): Rule[] {
  const peersMax = weights === 'uniform' ? PEERS_MAX[level] : WEIGHED_PEERS_MAX[level];
  const kind = weights === 'uniform' ? level : `${weights} weights`;
  return [
    whole('seed', seed, 0, SEED_MAX),
    [n >= PEERS_MIN, `n >= ${PEERS_MIN}, but n = ${n}: fewer peers tolerate no liar`],
    [whole('n', n, PEERS_MIN, peersMax)[0], `n <= ${peersMax} for ${kind}, but n = ${n}`],
    whole('k', k, 1, SAMPLE_MAX),
    whole('beta', beta, 1, BETA_MAX),
    whole('runs', runs, 1, RUNS_MAX),
    whole('roundsMax', roundsMax, 1, ROUNDS_MAX),
  ];
}

function thresholds({ alphaConfidence, alphaPreference, engine, k, n }: SimulationSpec): Rule[] {
  if (engine === 'simplex') return [];
  return [
    [k <= n, `k <= n, but k = ${k} and n = ${n}: a sample has each peer once`],
    [
      alphaPreference <= k,
      `alphaPreference <= k, but alphaPreference = ${alphaPreference} and k = ${k}`,
    ],
    whole('alphaPreference', alphaPreference, 1, k),
    [
      2 * alphaPreference > k,
      `k/2 < alphaPreference, but k = ${k} and alphaPreference = ${alphaPreference}`,
    ],
    [
      alphaPreference <= alphaConfidence,
      `alphaPreference <= alphaConfidence, but ${alphaPreference} > ${alphaConfidence}`,
    ],
    [
      alphaConfidence <= k,
      `alphaConfidence <= k, but alphaConfidence = ${alphaConfidence} and k = ${k}`,
    ],
    whole('alphaConfidence', alphaConfidence, 1, k),
  ];
}

function shares(spec: SimulationSpec): Rule[] {
  const { adversaryShare, crash, delayMs, holderLevel, loss, partition, split } = spec;
  return [
    share('split', split),
    share('adversaryShare', adversaryShare),
    [adversaryShare < 1, `adversaryShare < 1, but it is ${adversaryShare}: nobody is honest`],
    share('holderLevel', holderLevel),
    share('loss', loss),
    [loss < 1, `loss < 1, but it is ${loss}: nothing arrives`],
    [
      delayMs >= DELAY_MS_MIN && delayMs <= DELAY_MS_MAX,
      `${DELAY_MS_MIN} <= delayMs <= ${DELAY_MS_MAX}, but delayMs = ${delayMs}`,
    ],
    ...outage('crash', crash),
    ...outage('partition', partition),
  ];
}

function combinations(spec: SimulationSpec): Rule[] {
  const { adversary, crash, engine, level, loss, n, partition, weights } = spec;
  const isSnow = engine === 'snow';
  const polls: readonly string[] = LOCK_STEP_ADVERSARIES;
  const votes: readonly string[] = VOTING_ADVERSARIES;
  const isLiarThere = corruptPeers(n, spec.adversaryShare) > 0;
  return [
    [isSnow || level === 'message', 'engine simplex needs level message: it counts every vote'],
    [
      !isSnow || polls.includes(adversary),
      `adversary ${adversary} needs engine simplex: polls are not signed`,
    ],
    [
      isSnow || votes.includes(adversary),
      `adversary ${adversary} needs engine snow: certificates have no polls`,
    ],
    [isSnow || weights === 'uniform', `weights ${weights} need engine snow`],
    [
      level !== 'exchangeable' || weights === 'uniform',
      `weights ${weights} need level identified: exchangeable peers weigh the same`,
    ],
    [
      level !== 'exchangeable' || (loss === 0 && crash === undefined && partition === undefined),
      'loss, crash and partition need level identified or message',
    ],
    [
      adversary !== 'holder' || isLiarThere,
      `adversary holder needs adversaryShare >= 1/${n}: there is nobody to hold`,
    ],
  ];
}

function oneOf(name: string, value: string, known: readonly string[]): Rule {
  return [known.includes(value), `${name} "${value}" is unknown: it is ${known.join(', ')}`];
}

function whole(name: string, value: number, min: number, max: number): Rule {
  const holds = Number.isSafeInteger(value) && value >= min && value <= max;
  return [holds, `${min} <= ${name} <= ${max}, whole, but ${name} = ${value}`];
}

function share(name: string, value: number): Rule {
  return [value >= 0 && value <= 1, `0 <= ${name} <= 1, but ${name} = ${value}`];
}

function outage(name: string, asked: Outage | undefined): Rule[] {
  if (asked === undefined) return [];
  return [
    share(`${name}.share`, asked.share),
    [
      asked.from >= 0 && asked.from < asked.until && asked.until <= OUTAGE_END_MAX,
      `0 <= ${name}.from < ${name}.until <= ${OUTAGE_END_MAX}, but ${asked.from} and ${asked.until}`,
    ],
  ];
}
