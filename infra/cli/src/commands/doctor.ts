import { examine } from '@starling/runtime';
import { Command } from 'commander';
import { EXIT } from '../exit-codes.ts';
import { homeOption } from '../home.ts';
import { type Format, formatOption, print, table } from '../output.ts';

export function doctorCommand(end: (code: number) => void): Command {
  return new Command('doctor')
    .description('Check this machine: Node, signatures, TLS group, clock, disk, port, folder.')
    .addOption(homeOption())
    .addOption(formatOption())
    .addHelpText('after', '\nExample:\n  $ starling doctor --home ./north')
    .action(async ({ home, format }: { home: string; format: Format }) => {
      const checks = await examine(home);
      if (checks.some(({ state }) => state === 'failed')) end(EXIT.checksFailed);
      print(format, checks, () =>
        table(
          ['check', 'state', 'found', 'what to do'],
          checks.map(({ name, state, found, advice }) => [name, state, found, advice]),
        ),
      );
    });
}
