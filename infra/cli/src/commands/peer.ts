import { resolve } from 'node:path';
import {
  addDocumentsOffline,
  HITS_MAX,
  LocalClient,
  type PeerStatus,
  parseSettings,
  RuntimeError,
  readDocuments,
  runPeer,
} from '@starling/runtime';
import { Command } from 'commander';
import { homeOption } from '../home.ts';
import { type Format, formatOption, print, table, yesNo } from '../output.ts';
import { passphraseOption } from '../passphrase.ts';
import { wholeNumber } from '../whole-number.ts';
import { type ServeOptions, serve } from './serve.ts';

interface PeerOptions {
  readonly home: string;
  readonly format: Format;
}

export function peerCommand(end: (code: number) => void): Command {
  const peer = new Command('peer')
    .description('Run a site, ask it, feed it.')
    .addHelpText('after', '\nExample:\n  $ starling peer start --home ./north');
  peer
    .command('start')
    .description('Run the site of a folder in the foreground until Ctrl-C.')
    .addOption(homeOption())
    .addOption(passphraseOption())
    .option(
      '--app <folder>',
      "the app that the federation trains, installed here by you (default: the config's)",
    )
    .option('--node-config <settings>', 'what the app sees of this site, such as "partition-id=0"')
    .addOption(formatOption())
    .addHelpText('after', '\nExample:\n  $ starling peer start --home ./north')
    .action(async (options: StartOptions) => {
      const app = appFrom(options);
      end(await serve(options, (home, passphrase) => runPeer(home, passphrase, app)));
    });
  peer
    .command('status')
    .description('The four states of a running site, its model, index and data.')
    .addOption(homeOption())
    .addOption(formatOption())
    .addHelpText('after', '\nExample:\n  $ starling peer status --home ./north --format json')
    .action(showStatus);
  peer
    .command('add')
    .description('Add the documents below a folder: documented code and Markdown sections.')
    .argument('<folder>', 'folder to read')
    .addOption(homeOption())
    .addOption(formatOption())
    .addHelpText('after', '\nExample:\n  $ starling peer add ./src --home ./north')
    .action(addDocuments);
  peer
    .command('search')
    .description("Search the site's documents.")
    .argument('<text...>', 'what to look for')
    .addOption(homeOption())
    .option('--k <n>', `number of hits, 1 to ${HITS_MAX}`, wholeNumber(1, HITS_MAX), 10)
    .addOption(formatOption())
    .addHelpText('after', '\nExample:\n  $ starling peer search read a file --home ./north --k 3')
    .action(search);
  peer
    .command('stats')
    .description('What the site measured: retrieval by stage, index, queries.')
    .addOption(homeOption())
    .addOption(formatOption())
    .addHelpText('after', '\nExample:\n  $ starling peer stats --home ./north')
    .action(showStats);
  return peer;
}

interface StartOptions extends ServeOptions {
  readonly app?: string;
  readonly nodeConfig?: string;
}

function appFrom({ app, nodeConfig }: StartOptions) {
  if (app === undefined) {
    if (nodeConfig === undefined) return undefined;
    throw new RuntimeError('invalid-option', '--node-config goes with --app: name its folder too');
  }
  return { folder: resolve(app), node: { ...parseSettings(nodeConfig ?? '') } };
}

async function showStatus({ home, format }: PeerOptions): Promise<void> {
  const status = await (await LocalClient.open(home)).peerStatus();
  const { app, training, round, index, documents, model } = status;
  print(format, status, () =>
    [
      `site         ${status.site} (${status.member.slice(0, 16)}) in "${status.federationName}"`,
      `connected    ${yesNo(status.connected)} (${status.neighbours} neighbours)`,
      `registered   ${yesNo(status.registered)}`,
      `configured   ${yesNo(status.configured)}`,
      `membership   ${describeStanding(status)}`,
      `training     ${training === null ? 'no' : `epoch ${training.epoch} of ${training.epochs}`}`,
      `documents    ${documents.all} (${documents.train} to train, ${documents.test} held out)`,
      `model        version ${model.version} (${model.root.slice(0, 16)})`,
      `index        ${index === null ? 'none yet' : `${index.rows} rows, version ${index.version}`}`,
      `round        ${round === null ? 'unknown' : `${round.number}, ${round.phase}`}`,
      ...(app === null ? [] : [`app          ${describeApp(app)}`]),
    ].join('\n'),
  );
}

function describeApp({ name, scores }: NonNullable<PeerStatus['app']>): string {
  const last = scores.at(-1);
  if (last === undefined) return `${name}, not evaluated yet`;
  const metrics = Object.entries(last.metrics).map(([key, value]) => `${key} ${value}`);
  return `${name}, version ${last.version} here: ${metrics.join(', ')}`;
}

function describeStanding({ roster, standing }: PeerStatus): string {
  const until = `until ${new Date(roster.notAfterMs).toISOString()}`;
  const state = roster.expired ? `EXPIRED, ${until}: no round is started` : until;
  return `${standing} by roster ${roster.seq}, ${state}`;
}

async function showStats({ home, format }: PeerOptions): Promise<void> {
  const { evaluations, index, queries } = await (await LocalClient.open(home)).peerStatus();
  print(format, { evaluations, index, queries }, () => {
    const rows = evaluations.map((evaluation) => [
      evaluation.stage,
      String(evaluation.version),
      String(evaluation.queries),
      (evaluation.recallAt10Micros / 1e6).toFixed(3),
      (evaluation.mrrMicros / 1e6).toFixed(3),
    ]);
    const measured = index?.recallAt10?.toFixed(3) ?? 'not measured';
    return [
      table(['stage', 'version', 'queries', 'recall@10', 'MRR'], rows),
      index === null
        ? 'index: none yet'
        : `index: ${index.rows} rows, efSearch ${index.efSearch}, recall@10 against exact ${measured}`,
      queries === null
        ? 'queries: none since the start'
        : `queries: ${queries.recorded}, p50 ${queries.latencyP50Micros} µs, p99 ${queries.latencyP99Micros} µs`,
    ].join('\n');
  });
}

async function addDocuments(folder: string, { home, format }: PeerOptions): Promise<void> {
  const documents = await readDocuments(folder);
  const running = await LocalClient.open(home).catch(() => undefined);
  const added = await addThrough(running, home, documents);
  print(format, { read: documents.length, added }, () => {
    const known = documents.length - added;
    return `${added} documents added${known > 0 ? `, ${known} were there already` : ''}`;
  });
}

/** Through the running site, or straight into its store when none runs. */
async function addThrough(
  running: LocalClient | undefined,
  home: string,
  documents: Awaited<ReturnType<typeof readDocuments>>,
): Promise<number> {
  if (running === undefined) return addDocumentsOffline(home, documents);
  try {
    return await running.add(documents);
  } catch (error) {
    if (error instanceof RuntimeError && error.code === 'not-running') {
      return addDocumentsOffline(home, documents);
    }
    throw error;
  }
}

async function search(
  words: readonly string[],
  { home, format, k }: PeerOptions & { readonly k: number },
): Promise<void> {
  const hits = await (await LocalClient.open(home)).search(words.join(' '), k);
  print(format, hits, () =>
    hits.length === 0
      ? 'nothing found: add documents with "starling peer add <folder>"'
      : hits
          .map(({ answer, distance, query, source }, i) => {
            const cosine = (1 - distance).toFixed(3);
            return `${i + 1}. ${cosine}  ${answer.slice(0, 160)}\n   ${query.slice(0, 120)}  [${source}]`;
          })
          .join('\n'),
  );
}
