import { resolve } from 'node:path';
import { startUp, stopSignal, untilStopped } from '@starling/runtime';
import { Command } from 'commander';
import { exitCodeOfStop } from './serve.ts';

interface UpOptions {
  readonly home: string;
  readonly sites: number;
  readonly rounds: number;
  readonly seed: number;
  readonly corpus?: string;
}

export function upCommand(end: (code: number) => void): Command {
  return new Command('up')
    .description('A local federation that stays up: one coordinator and its sites.')
    .option(
      '--home <folder>',
      'folder of all processes; reused when it exists',
      resolve('.starling/up'),
    )
    .option('--sites <n>', 'number of sites, 3 to 20', Number, 5)
    .option('--rounds <n>', 'rounds to run once the sites are ready', Number, 0)
    .option('--seed <n>', 'seed of the starting model', Number, 1)
    .option('--corpus <folder>', 'documents to deal to the sites; none when absent')
    .addHelpText('after', '\nExample:\n  $ starling up --sites 3 --corpus ./docs --rounds 10')
    .action(async (options: UpOptions) => {
      const signal = stopSignal();
      const running = await startUp(
        {
          home: resolve(options.home),
          entry: process.argv[1] ?? '',
          sites: options.sites,
          rounds: options.rounds,
          seed: options.seed,
          corpus: options.corpus === undefined ? undefined : resolve(options.corpus),
        },
        signal,
      );
      process.stdout.write(`${running.lines.join('\n')}\nCtrl-C stops everything.\n`);
      await untilStopped(signal);
      await running.stop();
      end(exitCodeOfStop(signal));
    });
}
