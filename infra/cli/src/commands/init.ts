import {
  COORDINATOR_PORT,
  createCoordinator,
  createSiteFolder,
  DEMO_SEED,
  demoTask,
  summaryOf,
} from '@starling/runtime';
import { Command } from 'commander';
import {
  type AggregationArguments,
  aggregationFrom,
  withAggregationOptions,
} from '../aggregation-options.ts';
import { homeOption } from '../home.ts';
import { type Format, formatOption, print } from '../output.ts';
import { passphraseOption, withPassphrase } from '../passphrase.ts';
import { seedNumber } from '../whole-number.ts';

interface InitOptions extends AggregationArguments {
  readonly home: string;
  readonly site: string;
  readonly coordinator?: string;
  readonly listen?: string;
  readonly announce?: string;
  readonly seed: number;
  readonly passphraseFile?: string;
  readonly format: Format;
}

export function initCommand(): Command {
  return withAggregationOptions(new Command('init'))
    .description('Create a site: keys, folder, config. With --coordinator, found a federation.')
    .addOption(homeOption())
    .option('--site <name>', 'name of the site', 'site')
    .option('--coordinator <name>', 'found a federation of this name instead')
    .option('--listen <multiaddr>', 'where to listen')
    .option('--announce <multiaddr>', 'address told to others, behind a port mapping')
    .option('--seed <n>', "seed of the federation's starting model", seedNumber, DEMO_SEED)
    .addOption(passphraseOption())
    .addOption(formatOption())
    .addHelpText('after', '\nExample:\n  $ starling init --home ./north --site north')
    .action(async (options: InitOptions) => {
      const folder = await withPassphrase(options.passphraseFile, (passphrase) =>
        create(options, passphrase),
      );
      const summary = summaryOf(folder);
      print(options.format, summary, () => {
        const next =
          summary.role === 'coordinator'
            ? `starling coordinator start --home ${summary.home}`
            : `starling join <invitation file> --home ${summary.home}`;
        return `${summary.role} ${summary.member.slice(0, 16)} in ${summary.home}\nnext: ${next}`;
      });
    });
}

function create(options: InitOptions, passphrase: Uint8Array | undefined) {
  if (options.coordinator !== undefined) {
    return createCoordinator({
      home: options.home,
      name: options.coordinator,
      listen: [options.listen ?? `/ip4/0.0.0.0/tcp/${COORDINATOR_PORT}`],
      announce: options.announce === undefined ? [] : [options.announce],
      task: demoTask(options.seed, aggregationFrom(options)),
      passphrase,
    });
  }
  return createSiteFolder(
    options.home,
    {
      version: 1,
      role: 'peer',
      site: options.site,
      listen: [options.listen ?? '/ip4/0.0.0.0/tcp/0'],
      announce: options.announce === undefined ? [] : [options.announce],
    },
    passphrase,
  );
}
