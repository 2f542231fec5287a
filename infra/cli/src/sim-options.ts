// The options of `sim consensus`: the whole spec of a simulation.

import {
  ADVERSARIES,
  DEFAULT_SPEC,
  type Outage,
  SIMULATION_ENGINES,
  SIMULATION_LEVELS,
  type SimulationLevel,
  type SimulationSpec,
  WEIGHT_KINDS,
} from '@starling/runtime';
import { type Command, InvalidArgumentError, Option } from 'commander';

/** What was given; the rest are defaults. */
export type SpecOptions = Partial<Omit<SimulationSpec, 'adversaryShare'>> & {
  readonly share?: number;
};

/** Peers by default: at level `message` every vote of every peer is an event. */
const MESSAGE_PEERS = 30;

export function addSpecOptions(command: Command): Command {
  const { alphaConfidence, alphaPreference, beta, delayMs, holderLevel, k } = DEFAULT_SPEC;
  const { n, roundsMax, runs, seed, split } = DEFAULT_SPEC;
  const choice = (flags: string, text: string, all: readonly string[]) =>
    new Option(flags, text).choices(all);
  return command
    .option('--seed <n>', `everything random follows from it (default: ${seed})`, number)
    .addOption(
      choice('--level <level>', 'what is simulated (default: the lightest)', SIMULATION_LEVELS),
    )
    .addOption(choice('--engine <engine>', 'how peers agree (default: "snow")', SIMULATION_ENGINES))
    .option('--n <peers>', `peers (default: ${n}; ${MESSAGE_PEERS} at level message)`, number)
    .addOption(choice('--weights <kind>', 'of peers (default: "uniform")', WEIGHT_KINDS))
    .option('--k <n>', `peers that a poll asks (default: ${k})`, number)
    .option(
      '--alpha-preference <n>',
      `answers that change a preference (default: ${alphaPreference})`,
      number,
    )
    .option(
      '--alpha-confidence <n>',
      `answers that make a poll confident (default: ${alphaConfidence})`,
      number,
    )
    .option('--beta <n>', `confident polls in a row that finalise (default: ${beta})`, number)
    .option(
      '--split <share>',
      `honest peers that start with the first colour (default: ${split})`,
      number,
    )
    .addOption(choice('--adversary <name>', 'what corrupt peers do', ADVERSARIES))
    .option('--share <share>', 'corrupt peers, or their weight (default: 0)', number)
    .option(
      '--holder-level <share>',
      `honest support that a holder keeps (default: ${holderLevel})`,
      number,
    )
    .option(
      '--delay-ms <ms>',
      `median one-way delay, at level message (default: ${delayMs})`,
      number,
    )
    .option('--loss <share>', 'messages that are lost (default: 0)', number)
    .option('--crash <share:from:until>', 'honest peers that are gone for rounds or ms', outage)
    .option('--partition <share:from:until>', 'peers behind a cut for rounds or ms', outage)
    .option('--runs <n>', `runs (default: ${runs})`, number)
    .option('--rounds-max <n>', `a run's longest patience (default: ${roundsMax})`, number);
}

/** The spec that was asked for, with the lightest level that can simulate it. */
export function specOf({ share, ...given }: SpecOptions): SimulationSpec {
  const level = given.level ?? lightestLevel(given);
  return {
    ...DEFAULT_SPEC,
    ...(level === 'message' ? { n: MESSAGE_PEERS } : {}),
    ...given,
    level,
    ...(share === undefined ? {} : { adversaryShare: share }),
  };
}

function lightestLevel({ crash, engine, loss, partition, weights }: SpecOptions): SimulationLevel {
  if (engine === 'simplex') return 'message';
  const isPlain = weights === undefined || weights === 'uniform';
  const isCalm = loss === undefined && crash === undefined && partition === undefined;
  return isPlain && isCalm ? 'exchangeable' : 'identified';
}

function number(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value)) return value;
  throw new InvalidArgumentError('It must be a number.');
}

function outage(text: string): Outage {
  const [share, from, until, ...rest] = text.split(':').map(Number);
  const isWhole = rest.length === 0 && [share, from, until].every(Number.isFinite);
  if (isWhole && share !== undefined && from !== undefined && until !== undefined) {
    return { share, from, until };
  }
  throw new InvalidArgumentError('It must be share:from:until, such as 0.3:10:50.');
}
