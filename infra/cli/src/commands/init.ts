import {
  ADMINISTRATORS_MAX,
  COORDINATOR_PORT,
  createCoordinator,
  createSiteFolder,
  DEMO_SEED,
  demoTask,
  foundApp,
  mergeSettings,
  parseSettings,
  ROSTER_MEMBERS_MAX,
  RuntimeError,
  readAdministrator,
  readAppFolder,
  summaryOf,
} from '@starling/runtime';
import { Command } from 'commander';
import {
  type AggregationArguments,
  aggregationFrom,
  withAggregationOptions,
} from '../aggregation-options.ts';
import {
  type ConsensusArguments,
  chainEngineFrom,
  describeEngine,
  withConsensusOptions,
} from '../consensus-options.ts';
import { homeOption } from '../home.ts';
import { type HttpArguments, httpFromOptions, withHttpOptions } from '../http-options.ts';
import { type LogArguments, logFrom, withLogOptions } from '../log-options.ts';
import { type Format, formatOption, print } from '../output.ts';
import { passphraseOption, withPassphrase } from '../passphrase.ts';
import { seedNumber, wholeNumber } from '../whole-number.ts';

interface InitOptions
  extends AggregationArguments,
    ConsensusArguments,
    HttpArguments,
    LogArguments {
  readonly home: string;
  readonly site: string;
  readonly coordinator?: string;
  readonly listen?: string;
  readonly announce?: readonly string[];
  readonly seed: number;
  readonly administrators?: readonly string[];
  readonly threshold?: number;
  readonly members?: number;
  readonly rosterHours?: number;
  readonly passphraseFile?: string;
  readonly sharePatterns?: true;
  readonly app?: string;
  readonly runConfig?: string;
  readonly strategy?: string;
  readonly strategyOptions?: string;
  readonly format: Format;
}

export function initCommand(): Command {
  return withHttpOptions(
    withLogOptions(withConsensusOptions(withAggregationOptions(new Command('init')))),
  )
    .description('Create a site: keys, folder, config. With --coordinator, found a federation.')
    .addOption(homeOption())
    .option('--site <name>', 'name of the site', 'site')
    .option('--coordinator <name>', 'found a federation of this name instead')
    .option('--listen <multiaddr>', 'where to listen')
    .option(
      '--announce <multiaddr,…>',
      'addresses told to others: behind a port mapping, or of all machines of the coordinator',
      (text: string) => text.split(','),
    )
    .option('--app <folder>', "train this app's model in place of the encoder")
    .option('--run-config <settings>', 'settings of the app, such as "local-epochs=3"')
    .option('--strategy <name>', "such as FedAdam (default: the app's own)")
    .option('--strategy-options <settings>', 'such as "eta=0.1"')
    .option('--seed <n>', "seed of the federation's starting model", seedNumber, DEMO_SEED)
    .option('--administrators <files...>', 'public records of who signs rosters with you')
    .option(
      '--threshold <k>',
      'signatures that a roster needs, yours counted',
      wholeNumber(1, ADMINISTRATORS_MAX),
    )
    .option(
      '--members <n>',
      'with how many sites the chain opens, for the engine snow',
      wholeNumber(1, ROSTER_MEMBERS_MAX),
    )
    .option('--roster-hours <n>', 'how long a roster is good for', wholeNumber(1, 24 * 366))
    .option(
      '--share-patterns',
      'propose search patterns learned from its queries, and search by those that became final; ' +
        'a pattern has a centroid, which shows roughly what 50 or more queries were about',
    )
    .addOption(passphraseOption())
    .addOption(formatOption())
    .addHelpText('after', '\nExample:\n  $ starling init --home ./north --site north')
    .action(async (options: InitOptions) => {
      const folder = await withPassphrase(options.passphraseFile, (passphrase) =>
        create(options, passphrase),
      );
      const { config } = folder;
      const summary = summaryOf(folder);
      const { home, member, role } = summary;
      const chosen = config.role === 'coordinator' ? describeEngine(config.chainEngine) : [];
      print(options.format, summary, () =>
        [
          `${role} ${member.slice(0, 16)} in ${home}`,
          ...chosen,
          `next: ${nextStep(summary, options)}`,
        ].join('\n'),
      );
    });
}

function nextStep({ home, role }: ReturnType<typeof summaryOf>, options: InitOptions): string {
  if ((options.threshold ?? 1) > 1) {
    return `starling roster show --request FILE --home ${home}, and have it signed`;
  }
  return role === 'coordinator'
    ? `starling coordinator start --home ${home}`
    : `starling join <invitation file> --home ${home}`;
}

async function create(options: InitOptions, passphrase: Uint8Array | undefined) {
  const { administrators = [], members, rosterHours, sharePatterns, threshold } = options;
  const chainEngine = chainEngineFrom(options, members);
  const http = httpFromOptions(options);
  const log = logFrom(options);
  if (options.coordinator !== undefined) {
    if (sharePatterns === true) {
      throw new RuntimeError('invalid-option', '--share-patterns goes with a site: leave it out');
    }
    if (administrators.length > 0 && threshold === undefined) {
      const message = 'with --administrators say by --threshold how many of you must sign';
      throw new RuntimeError('invalid-option', message);
    }
    return createCoordinator({
      administrators: await Promise.all(administrators.map((file) => readAdministrator(file))),
      ...(threshold === undefined ? {} : { threshold }),
      ...(rosterHours === undefined ? {} : { rosterLifeMs: rosterHours * 3_600_000 }),
      ...(chainEngine === undefined ? {} : { chainEngine }),
      ...(http === undefined ? {} : { http }),
      ...(log === undefined ? {} : { log }),
      home: options.home,
      name: options.coordinator,
      listen: [options.listen ?? `/ip4/0.0.0.0/tcp/${COORDINATOR_PORT}`],
      announce: [...(options.announce ?? [])],
      ...(await taskFrom(options)),
      passphrase,
    });
  }
  if (options.app !== undefined) {
    const message =
      '--app founds a federation: with --coordinator; a site takes it at "peer start"';
    throw new RuntimeError('invalid-option', message);
  }
  if (administrators.length > 0 || threshold !== undefined || rosterHours !== undefined) {
    const message = '--administrators, --threshold and --roster-hours go with --coordinator';
    throw new RuntimeError('invalid-option', message);
  }
  if (chainEngine !== undefined || members !== undefined) {
    const message = '--consensus-engine and --members go with --coordinator';
    throw new RuntimeError('invalid-option', message);
  }
  if (http !== undefined) {
    throw new RuntimeError('invalid-option', '--http goes with --coordinator: sites serve no API');
  }
  if (log !== undefined) {
    const message = "--log goes with --coordinator: the log of a federation is its coordinator's";
    throw new RuntimeError('invalid-option', message);
  }
  return createSiteFolder(
    options.home,
    {
      version: 1,
      role: 'peer',
      site: options.site,
      listen: [options.listen ?? '/ip4/0.0.0.0/tcp/0'],
      announce: [...(options.announce ?? [])],
      ...(sharePatterns === true ? { patterns: { propose: true, use: true } } : {}),
    },
    passphrase,
  );
}

/** The encoder, or an app with its first weights. */
async function taskFrom(options: InitOptions) {
  const task = demoTask(options.seed, aggregationFrom(options));
  const { app: folder, runConfig, seed, strategy: name, strategyOptions } = options;
  if (folder === undefined) {
    if (runConfig === undefined && name === undefined && strategyOptions === undefined)
      return { task };
    const message = '--run-config, --strategy and --strategy-options go with --app';
    throw new RuntimeError('invalid-option', message);
  }
  const app = await readAppFolder(folder);
  const founded = await foundApp(app, {
    aggregation: task.aggregation,
    runConfig: mergeSettings(app.config, parseSettings(runConfig ?? '')),
    seed,
    strategy:
      name === undefined ? undefined : { name, options: parseSettings(strategyOptions ?? '') },
  });
  return { task: { ...task, app: founded.task }, initial: founded.initial };
}
