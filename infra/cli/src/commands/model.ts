// `starling model`: the versions of a running coordinator.

import { resolve } from 'node:path';
import { LocalClient, type ModelsView, RuntimeError } from '@starling/runtime';
import { Argument, Command, Option } from 'commander';
import { homeOption } from '../home.ts';
import { type Format, formatOption, print, table } from '../output.ts';
import { wholeNumber } from '../whole-number.ts';

interface ModelOptions {
  readonly home: string;
  readonly format: Format;
}

interface PinOptions extends ModelOptions {
  readonly metric: string;
  readonly direction: 'higher' | 'lower';
}

const VERSION_MAX = 1_000_000;
const MODEL_LETTERS = 16;

export function modelCommand(): Command {
  const model = new Command('model')
    .description('The versions of the model: lineage, scores, pins, rollbacks.')
    .addHelpText('after', '\nExample:\n  $ starling model list --home ./coordinator');
  const sub = (name: string, description: string, example: string): Command =>
    model
      .command(name)
      .description(description)
      .addOption(homeOption())
      .addOption(formatOption())
      .addHelpText('after', `\nExample:\n  $ starling model ${example} --home ./coordinator`);
  const version = () =>
    new Argument('<version>', 'its number').argParser(wholeNumber(1, VERSION_MAX));
  sub(
    'list',
    'The newest versions, what they were made from and what they are worth.',
    'list',
  ).action(list);
  sub('show', 'One version in full.', 'show 3').addArgument(version()).action(show);
  sub('pull', 'Write a version as safetensors, named by its content hash.', 'pull 3 --to ./models')
    .addArgument(version())
    .option('--to <folder>', 'where to write it', '.')
    .action(pull);
  sub('pin', 'Hold a version to be the best.', 'pin 3 --metric recall-at-10 --direction higher')
    .addArgument(version())
    .requiredOption('--metric <name>', 'the measure by which it is')
    .addOption(
      new Option('--direction <way>', 'which way is better')
        .choices(['higher', 'lower'])
        .makeOptionMandatory(),
    )
    .action(pin);
  sub('unpin', 'Take the pin away.', 'unpin 3')
    .addArgument(version())
    .action(async (number: number, { format, home }: ModelOptions) => {
      const view = await (await LocalClient.open(home)).decideVersion(number, 'unpin', {});
      print(format, view, () => `version ${number} is not pinned any more`);
    });
  sub('rollback', 'Bring a version back; every member checks it and votes.', 'rollback 3')
    .addArgument(version())
    .action(async (number: number, { format, home }: ModelOptions) => {
      const view = await (await LocalClient.open(home)).decideVersion(number, 'rollback', {});
      print(format, view, () => `the next round brings version ${number} back`);
    });
  sub('matrix', 'What each site measured of each version.', 'matrix').action(matrix);
  return model;
}

async function list({ format, home }: ModelOptions): Promise<void> {
  const { pinned, versions } = await (await LocalClient.open(home)).models();
  print(format, { pinned, versions }, () =>
    table(
      ['version', 'round', 'from', 'model', 'sites', 'loss', 'recall@10', ''],
      versions.map((each) => [
        String(each.version),
        String(each.round),
        each.restores === null ? String(each.base) : `version ${each.restores} again`,
        each.model.slice(0, MODEL_LETTERS),
        String(each.contributors.length),
        each.metrics['loss']?.toFixed(4) ?? '–',
        each.metrics['recall-at-10']?.toFixed(4) ?? '–',
        each.pinned ? 'pinned' : each.rolledBackTo === null ? '' : `until ${each.rolledBackTo}`,
      ]),
    ),
  );
}

async function show(number: number, { format, home }: ModelOptions): Promise<void> {
  const found = versionIn(await (await LocalClient.open(home)).models(), number);
  print(format, found, () =>
    table(
      ['', ''],
      Object.entries(found).map(([name, value]) => [
        name,
        typeof value === 'object' ? JSON.stringify(value) : String(value),
      ]),
    ),
  );
}

async function pull(
  number: number,
  { format, home, to }: ModelOptions & { readonly to: string },
): Promise<void> {
  const pulled = await (await LocalClient.open(home)).pullVersion(number, resolve(to));
  print(format, pulled, () => `version ${number}: ${pulled.file} (${pulled.bytes} bytes)`);
}

async function pin(number: number, options: PinOptions): Promise<void> {
  const { direction, format, home, metric } = options;
  const client = await LocalClient.open(home);
  const view = await client.decideVersion(number, 'pin', { direction, metric });
  print(format, view, () => `version ${number} is pinned: ${metric}, ${direction} is better`);
}

async function matrix({ format, home }: ModelOptions): Promise<void> {
  const { matrix: found } = await (await LocalClient.open(home)).models();
  const cellOf = new Map(found.cells.map((cell) => [`${cell.site} ${cell.version}`, cell]));
  print(format, found, () =>
    table(
      ['recall@10', ...found.versions.map((each) => `version ${each}`)],
      found.sites.map((site) => [
        site,
        ...found.versions.map(
          (each) => cellOf.get(`${site} ${each}`)?.recallAt10.toFixed(4) ?? '–',
        ),
      ]),
    ),
  );
}

function versionIn({ versions }: ModelsView, number: number) {
  const found = versions.find(({ version }) => version === number);
  if (found !== undefined) return found;
  const known = versions.map(({ version }) => version).reverse();
  const range =
    known.length === 0 ? 'there is none yet' : `known are ${known[0]} to ${known.at(-1)}`;
  throw new RuntimeError('request-refused', `version ${number} is not known: ${range}`);
}
