// What decides the chain of a new federation: options that several commands take.

import { type ChainEngine, type PollParameters, RuntimeError, snowEngine } from '@starling/runtime';
import { type Command, InvalidArgumentError, Option } from 'commander';

const ENGINES = ['simplex', 'snow'] as const;
const POLLS = /^(\d{1,3}),(\d{1,3}),(\d{1,3}),(\d{1,4})$/;
const POWER_OF_TEN = /^1e-(\d{1,3})$/;

export interface ConsensusArguments {
  readonly consensusEngine?: (typeof ENGINES)[number];
  readonly byzantineShare?: number;
  /** The exponent: 15 for 1e-15. */
  readonly safetyTarget?: number;
  readonly polls?: PollParameters;
}

/** Adds every option of the chain's engine to a command that founds a federation. */
export function withConsensusOptions(command: Command): Command {
  const engine = new Option(
    '--consensus-engine <engine>',
    'what decides the chain: certificates, or polls with a computed bound (default: simplex)',
  );
  const share = 'snow: share of members that may lie at once (default: 0.19)';
  const target = 'snow: how likely two sites differ, at most, per round (default: 1e-15)';
  const polls = 'snow: k,alphaPreference,alphaConfidence,beta (default: the fewest that are safe)';
  return command
    .addOption(engine.choices(ENGINES))
    .option('--byzantine-share <x>', share, byzantineShare)
    .option('--safety-target <power of ten>', target, powerOfTen)
    .option('--polls <k,a,a,b>', polls, pollParameters);
}

/**
 * The engine that was asked for; undefined for the default one.
 * @param members with how many the chain will open
 * @throws {RuntimeError} `invalid-option` with the number that is wrong
 */
export function chainEngineFrom(
  given: ConsensusArguments,
  members: number | undefined,
): ChainEngine | undefined {
  const { byzantineShare, consensusEngine, polls, safetyTarget } = given;
  if (consensusEngine !== 'snow') {
    const isSnowOnly = [byzantineShare, safetyTarget, polls].some((v) => v !== undefined);
    if (!isSnowOnly) return undefined;
    const message = '--byzantine-share, --safety-target and --polls belong to the engine snow';
    throw new RuntimeError('invalid-option', `${message}: add --consensus-engine snow`);
  }
  if (members === undefined) {
    const message = '--consensus-engine snow needs --members: with how many sites the chain opens';
    throw new RuntimeError('invalid-option', message);
  }
  return snowEngine({ byzantineShare, members, parameters: polls, safetyExponent: safetyTarget });
}

/** What was chosen, for the founder to read; nothing for certificates. */
export function describeEngine(engine: ChainEngine): readonly string[] {
  if (engine.kind === 'simplex') return [];
  const { alphaConfidence, alphaPreference, beta, k } = engine.parameters;
  return [
    `polls: k = ${k}, alphas ${alphaPreference}/${alphaConfidence}, beta = ${beta}; two sites differ ` +
      `with at most 1e-${engine.targetExponent} per round while rounds keep step`,
  ];
}

function byzantineShare(text: string): number {
  const value = Number(text);
  if (/^[\d.]+$/.test(text) && value >= 0 && value < 1 / 3) return value;
  throw new InvalidArgumentError('It must be a number from 0 on, below 1/3.');
}

function powerOfTen(text: string): number {
  const exponent = Number(POWER_OF_TEN.exec(text)?.[1]);
  if (exponent >= 1 && exponent <= 300) return exponent;
  throw new InvalidArgumentError('It must be a power of ten from 1e-300 to 1e-1.');
}

function pollParameters(text: string): PollParameters {
  const found = POLLS.exec(text);
  if (found === null) {
    throw new InvalidArgumentError('It must be four whole numbers such as 5,3,4,60.');
  }
  const [k = 0, alphaPreference = 0, alphaConfidence = 0, beta = 0] = found.slice(1).map(Number);
  return { alphaConfidence, alphaPreference, beta, k };
}
