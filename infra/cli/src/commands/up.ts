import { resolve } from 'node:path';
import {
  type Dashboard,
  DEMO_ROUNDS_MAX,
  DEMO_SEED,
  DEMO_SITES,
  type Death,
  describeEnd,
  RuntimeError,
  SITES_MAX,
  SITES_MIN,
  startUp,
  stopSignal,
  type UpProcess,
  untilStopped,
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
  withConsensusOptions,
} from '../consensus-options.ts';
import { type Format, formatOption, print, table } from '../output.ts';
import { seedNumber, wholeNumber } from '../whole-number.ts';
import { exitCodeOfStop } from './serve.ts';

interface UpOptions extends AggregationArguments, ConsensusArguments {
  readonly home: string;
  readonly sites: number;
  readonly rounds: number;
  readonly seed: number;
  readonly corpus?: string;
  readonly format: Format;
  readonly http: string;
}

export function upCommand(end: (code: number) => void): Command {
  const count = wholeNumber(SITES_MIN, SITES_MAX);
  const rounds = wholeNumber(0, DEMO_ROUNDS_MAX);
  return withConsensusOptions(withAggregationOptions(new Command('up')))
    .description('A local federation that stays up: one coordinator and its sites.')
    .option('--home <folder>', 'folder of all processes; reused when it exists', '.starling/up')
    .option('--sites <n>', `number of sites, ${SITES_MIN} to ${SITES_MAX}`, count, DEMO_SITES)
    .option('--rounds <n>', 'rounds to run once the sites are ready', rounds, 0)
    .option('--seed <n>', 'seed of the starting model', seedNumber, DEMO_SEED)
    .option('--corpus <folder>', 'documents to deal to the sites; none when absent')
    .option('--http <host:port>', 'where the dashboard is; port 0 is a free one', '127.0.0.1:0')
    .addOption(formatOption())
    .addHelpText('after', '\nExample:\n  $ starling up --sites 3 --corpus ./docs --rounds 10')
    .action(async (options: UpOptions) => end(await runUp(options)));
}

async function runUp(options: UpOptions): Promise<number> {
  const signal = stopSignal();
  const lost = Promise.withResolvers<never>();
  // Until it is awaited, a failure here is nobody's.
  lost.promise.catch(() => undefined);
  const onDeath = (death: Death) => {
    const how = describeEnd(death.end);
    process.stderr.write(`${death.name} died (${how})\n`);
    if (death.name !== 'coordinator') return;
    const message = `the coordinator died (${how}): "starling up" goes on with its folder`;
    lost.reject(new RuntimeError('child-died', message));
  };
  const { corpus, home, http, rounds, seed, sites } = options;
  const settings = {
    home: resolve(home),
    http,
    aggregation: aggregationFrom(options),
    chainEngine: chainEngineFrom(options, sites),
    entry: process.argv[1] ?? '',
    sites,
    rounds,
    seed,
    corpus: corpus === undefined ? undefined : resolve(corpus),
  };
  try {
    const running = await startUp(settings, signal, onDeath);
    try {
      const { dashboard, processes } = running;
      print(options.format, { dashboard, processes }, () => describe(processes, dashboard));
      await Promise.race([untilStopped(signal), lost.promise]);
    } finally {
      await running.stop();
    }
  } catch (error) {
    // Stopped while starting: that is no failure.
    if (!signal.aborted) throw error;
  }
  return exitCodeOfStop(signal);
}

function describe(processes: readonly UpProcess[], { token, url }: Dashboard): string {
  const rows = processes.map(({ name, pid, home }) => [name, String(pid), home]);
  return [
    table(['name', 'process', 'folder'], rows),
    'The sites propose patterns that they learn from queries (patterns.propose in config.json).',
    `Dashboard: ${url}#token=${token}`,
    'Ctrl-C stops everything.',
  ].join('\n');
}
