// How a new federation aggregates: options that several commands take.

import { type AggregationOptions, DEFAULT_AGGREGATION, RuntimeError } from '@starling/runtime';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { wholeNumber } from './whole-number.ts';

const MODES = ['masked', 'plain'];
const MECHANISMS = ['skellam', 'discrete-gaussian', 'central-gaussian'];
const NOISE_MULTIPLIER_MAX = 1000;
const GROUP_SIZE_MAX = 100;

/** `--aggregation` alone. */
export function aggregationOption(): Option {
  const meaning = 'masked: the sum only is seen; plain: voters read each update';
  return new Option('--aggregation <mode>', `${meaning} (default: masked)`).choices(MODES);
}

/** Adds every option of aggregation to a command that founds a federation. */
export function withAggregationOptions(command: Command): Command {
  return command
    .addOption(aggregationOption())
    .addOption(new Option('--ring <bits>', 'ring of masked sums').choices(['32', '64']))
    .addOption(new Option('--noise <mechanism>', 'differential privacy').choices(MECHANISMS))
    .option('--noise-multiplier <x>', "noise of the sum over one update's norm", noiseMultiplier)
    .option('--group-size <n>', 'mask in groups of at least n', wholeNumber(3, GROUP_SIZE_MAX));
}

export interface AggregationArguments {
  readonly aggregation?: AggregationOptions['aggregation'];
  readonly ring?: string;
  readonly noise?: AggregationOptions['noise'];
  readonly noiseMultiplier?: number;
  readonly groupSize?: number;
}

/** @throws {RuntimeError} `invalid-option` for options that only masked federations have */
export function aggregationFrom(given: AggregationArguments): AggregationOptions {
  const {
    aggregation = DEFAULT_AGGREGATION.aggregation,
    groupSize,
    noise,
    noiseMultiplier,
  } = given;
  const isMaskedOnly = [given.ring, noise, noiseMultiplier, groupSize].some((v) => v !== undefined);
  if (aggregation === 'plain' && isMaskedOnly) {
    const message = '--ring, --noise, --noise-multiplier and --group-size belong to masked rounds';
    throw new RuntimeError('invalid-option', `${message}: leave them out with --aggregation plain`);
  }
  if (noiseMultiplier !== undefined && noise === undefined) {
    const message = `--noise-multiplier needs --noise: one of ${MECHANISMS.join(', ')}`;
    throw new RuntimeError('invalid-option', message);
  }
  return {
    aggregation,
    ring: given.ring === '64' ? 64 : 32,
    noise,
    noiseMultiplier: noiseMultiplier ?? DEFAULT_AGGREGATION.noiseMultiplier,
    groupSize,
  };
}

function noiseMultiplier(text: string): number {
  const value = Number(text);
  if (value > 0 && value <= NOISE_MULTIPLIER_MAX) return value;
  throw new InvalidArgumentError(`a number above 0, at most ${NOISE_MULTIPLIER_MAX}`);
}
