import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import {
  type AggregationOptions,
  DEMO_ROUNDS,
  DEMO_ROUNDS_MAX,
  DEMO_SEED,
  runDemo,
  SITES_MAX,
  SITES_MIN,
  stopSignal,
} from '@starling/runtime';
import { Command } from 'commander';
import { aggregationOption } from '../aggregation-options.ts';
import { demoSummary } from '../demo-summary.ts';
import { demoView } from '../demo-view.ts';
import { type Format, formatOption, print } from '../output.ts';
import { seedNumber, wholeNumber } from '../whole-number.ts';
import { checkWritable } from '../writable-file.ts';
import { exitCodeOfStop } from './serve.ts';

interface DemoCommandOptions {
  readonly corpus?: string;
  readonly format: Format;
  readonly sites?: number;
  readonly rounds?: number;
  readonly seed?: number;
  readonly aggregation?: AggregationOptions['aggregation'];
  readonly resume?: true;
  readonly json?: string;
  readonly home: string;
}

export function demoCommand(end: (code: number) => void): Command {
  const sites = wholeNumber(SITES_MIN, SITES_MAX);
  const rounds = wholeNumber(1, DEMO_ROUNDS_MAX);
  return new Command('demo')
    .description('The main job on this machine: five sites learn to search code together.')
    .option('--corpus <folder>', 'your own folder; the installed packages when absent', resolvePath)
    .option('--sites <n>', `number of sites, ${SITES_MIN} to ${SITES_MAX}`, sites)
    .option('--rounds <n>', `federated rounds (default: ${DEMO_ROUNDS})`, rounds)
    .option('--seed <n>', `seed of model, splits and shuffles (default: ${DEMO_SEED})`, seedNumber)
    .addOption(aggregationOption())
    .option('--resume', 'go on with the run that was interrupted, with its settings')
    .option('--json <file>', 'also write the report as JSON', resolvePath)
    .option('--home <folder>', "the run's folder", resolvePath, resolve('.starling/demo'))
    .addOption(formatOption())
    .addHelpText(
      'after',
      '\nIts sites search, learn patterns from their queries and propose them to each other.',
    )
    .addHelpText('after', '\nExample:\n  $ starling demo --corpus ~/code --rounds 10')
    .action(async (options: DemoCommandOptions) => {
      if (options.json !== undefined) await checkWritable('--json', options.json);
      const code = await run(options);
      if (code !== undefined) end(code);
    });
}

/** @returns the exit code when it was stopped */
async function run(options: DemoCommandOptions): Promise<number | undefined> {
  const signal = stopSignal();
  // With JSON as the answer, what happens meanwhile goes beside it.
  const view = demoView(options.format === 'json' ? process.stderr : process.stdout);
  try {
    const report = await runDemo(
      {
        home: options.home,
        corpus: options.corpus,
        nodeModules: installedPackages(),
        sites: options.sites,
        rounds: options.rounds,
        seed: options.seed,
        aggregation: options.aggregation,
        resume: options.resume === true,
        entry: process.argv[1] ?? '',
      },
      { signal, onEvent: view.show },
    );
    view.close();
    if (options.json !== undefined) {
      await writeFile(options.json, `${JSON.stringify(report, undefined, 2)}\n`);
    }
    print(options.format, report, () => demoSummary(report));
    return undefined;
  } catch (error) {
    view.close();
    if (!signal.aborted) throw error;
    const resume = `starling demo --resume --home ${options.home}`;
    process.stderr.write(`stopped; go on with "${resume}"\n`);
    return exitCodeOfStop(signal);
  }
}

/** The nearest pnpm store above this file, whose packages are the default corpus. */
function installedPackages(): string {
  for (let folder = import.meta.dirname; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules');
    const isRoot = dirname(folder) === folder;
    if (isRoot || existsSync(join(candidate, '.pnpm'))) return candidate;
  }
}

function resolvePath(value: string): string {
  return resolve(value);
}
