// The options that `run` and `simulate` share: what changes in an app's settings, and what its nodes
// are like.

import {
  type AppFolder,
  DELAY_FAMILIES,
  mergeSettings,
  parseDelay,
  parseSettings,
  type RunSettings,
} from '@starling/runtime';
import { type Command, InvalidArgumentError } from 'commander';
import { seedNumber, wholeNumber } from './whole-number.ts';

export interface SettingOptions {
  readonly runConfig?: string;
  readonly nodes?: number;
  readonly workers?: number;
  readonly seed?: number;
  readonly dropOut?: number;
  readonly delay?: string;
  readonly deadlineMs?: number;
  readonly waitFor?: number;
  readonly concurrency?: number;
}

const NODES_MAX = 10_000_000;
const WORKERS_MAX = 256;
const CONCURRENCY_MAX = 100_000;

export function addSettingOptions(command: Command): Command {
  return command
    .option('--run-config <settings>', 'such as "num-server-rounds=5 local-epochs=3"')
    .option('--nodes <n>', "virtual nodes (default: the app's)", wholeNumber(1, NODES_MAX))
    .option('--workers <n>', 'threads (default: one per processor)', wholeNumber(1, WORKERS_MAX))
    .option('--seed <n>', "everything random follows from it (default: the app's)", seedNumber)
    .option('--drop-out <share>', 'answers that never come (default: 0)', number)
    .option('--delay <family:ms>', `of answers, in virtual time: ${DELAY_FAMILIES.join(', ')}`)
    .option('--deadline-ms <ms>', "a synchronous round's, in virtual time", number)
    .option('--wait-for <share>', 'of the asked nodes; the slowest do not count', number)
    .option(
      '--concurrency <n>',
      'nodes at work at once in an asynchronous run (default: 100)',
      wholeNumber(1, CONCURRENCY_MAX),
    );
}

/**
 * What a run is asked for.
 *
 * @throws AppError `invalid-config` for a setting that the app does not have, `invalid-options`
 */
export function settingsOf(app: AppFolder, options: SettingOptions): RunSettings {
  const { runConfig, nodes, seed, ...given } = options;
  if (given.delay !== undefined) parseDelay(given.delay);
  const names = ['workers', 'dropOut', 'delay', 'deadlineMs', 'waitFor', 'concurrency'] as const;
  const rest = names.filter((name) => given[name] !== undefined).map((name) => [name, given[name]]);
  return {
    ...Object.fromEntries(rest),
    runConfig: mergeSettings(app.config, parseSettings(runConfig ?? '')),
    nodes: nodes ?? app.simulation.nodes,
    seed: seed ?? app.simulation.seed,
  };
}

function number(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value)) return value;
  throw new InvalidArgumentError('It must be a number.');
}
