import {
  compactIndex,
  type IndexAnswer,
  inspectSiteIndex,
  repairIndex,
  verifyIndex,
} from '@starling/runtime';
import { Command } from 'commander';
import { EXIT } from '../exit-codes.ts';
import { homeOption } from '../home.ts';
import { type Format, formatOption, print } from '../output.ts';

interface CareOptions {
  readonly home: string;
  readonly format: Format;
}

interface RepairCareOptions extends CareOptions {
  readonly dryRun?: boolean;
  readonly force?: boolean;
}

export function indexCommand(end: (code: number) => void): Command {
  const index = new Command('index')
    .description('Look after the vector index of a folder, or of a stopped site.')
    .addHelpText('after', '\nExample:\n  $ starling index inspect --home ./north');
  const show = (format: Format, { data, folder, isSound, lines }: IndexAnswer) => {
    if (!isSound) end(EXIT.checksFailed);
    print(format, { folder, ...data }, () => [folder, ...lines].join('\n'));
  };
  care(index, 'inspect', '--home ./north')
    .description('Findings about the graph and what it was asked, with evidence and advice.')
    .action(async (folder: string | undefined, { format, home }: CareOptions) => {
      show(format, await inspectSiteIndex({ folder, home }));
    });
  care(index, 'verify', './vectors --format json')
    .description('Read every byte and walk every graph: what is damaged, by file and place.')
    .action(async (folder: string | undefined, { format, home }: CareOptions) => {
      show(format, await verifyIndex({ folder, home }));
    });
  care(index, 'repair', './vectors --dry-run')
    .description('Build anew what can be, and refuse by name what only a copy can replace.')
    .option('--dry-run', 'say what would be done, change nothing')
    .option('--force', 'give up log records that cannot be read')
    .action(async (folder: string | undefined, options: RepairCareOptions) => {
      const { dryRun = false, force = false, format, home } = options;
      show(format, await repairIndex({ folder, home }, { dryRun, force }));
    });
  care(index, 'compact', '--home ./north')
    .description('Erase deleted rows and kept queries from all files, and close holes.')
    .action(async (folder: string | undefined, { format, home }: CareOptions) => {
      show(format, await compactIndex({ folder, home }));
    });
  return index;
}

/** A command with what all of them take. */
function care(index: Command, name: string, example: string): Command {
  return index
    .command(name)
    .argument('[folder]', 'a collection or a saved index; else the index of --home')
    .addOption(homeOption())
    .addOption(formatOption())
    .addHelpText('after', `\nExample:\n  $ starling index ${name} ${example}`);
}
