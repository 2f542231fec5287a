import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DEMO_ROUNDS, DEMO_SEED, runDemo, stopSignal } from '@starling/runtime';
import { Command } from 'commander';
import { demoSummary } from '../demo-summary.ts';
import { demoView } from '../demo-view.ts';
import { exitCodeOfStop } from './serve.ts';

interface DemoCommandOptions {
  readonly corpus?: string;
  readonly sites?: number;
  readonly rounds: number;
  readonly seed: number;
  readonly resume?: true;
  readonly json?: string;
  readonly home: string;
}

/** The workspace that this file lies in; its installed packages are the default corpus. */
const WORKSPACE = fileURLToPath(new URL('../../../../', import.meta.url));

export function demoCommand(end: (code: number) => void): Command {
  return new Command('demo')
    .description('The main job on this machine: five sites learn to search code together.')
    .option('--corpus <folder>', 'your own folder; the installed packages when absent', resolvePath)
    .option('--sites <n>', 'number of sites, 3 to 20', Number)
    .option('--rounds <n>', 'federated rounds', Number, DEMO_ROUNDS)
    .option('--seed <n>', 'seed of the model, the splits and the shuffles', Number, DEMO_SEED)
    .option('--resume', 'go on with the run that was interrupted')
    .option('--json <file>', 'also write the report as JSON', resolvePath)
    .option('--home <folder>', "the run's folder", resolvePath, resolve('.starling/demo'))
    .addHelpText('after', '\nExample:\n  $ starling demo --corpus ~/code --rounds 10')
    .action(async (options: DemoCommandOptions) => {
      const signal = stopSignal();
      const view = demoView(process.stdout);
      try {
        const report = await runDemo(
          {
            home: options.home,
            corpus: options.corpus,
            nodeModules: join(WORKSPACE, 'node_modules'),
            sites: options.sites,
            rounds: options.rounds,
            seed: options.seed,
            resume: options.resume === true,
            entry: process.argv[1] ?? '',
          },
          { signal, onEvent: view.show },
        );
        view.close();
        process.stdout.write(`${demoSummary(report)}\n`);
        if (options.json !== undefined) {
          await writeFile(options.json, `${JSON.stringify(report, undefined, 2)}\n`);
        }
      } catch (error) {
        view.close();
        if (!signal.aborted) throw error;
        process.stderr.write('stopped; go on with "starling demo --resume"\n');
        end(exitCodeOfStop(signal));
      }
    });
}

function resolvePath(value: string): string {
  return resolve(value);
}
