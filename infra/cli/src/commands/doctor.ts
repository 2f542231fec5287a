import { examine } from '@starling/runtime';
import { Command } from 'commander';
import { EXIT } from '../exit-codes.ts';
import { homeOption } from '../home.ts';
import { type Format, formatOption, print, table } from '../output.ts';
import { passphraseOption, withPassphrase } from '../passphrase.ts';

interface DoctorOptions {
  readonly home: string;
  readonly passphraseFile?: string;
  readonly format: Format;
}

export function doctorCommand(end: (code: number) => void): Command {
  return new Command('doctor')
    .description('Check this machine: Node, cryptography, TLS group, clock, disk, port, folder.')
    .addOption(homeOption())
    .addOption(passphraseOption())
    .addOption(formatOption())
    .addHelpText('after', '\nExample:\n  $ starling doctor --home ./north')
    .action(async ({ home, passphraseFile, format }: DoctorOptions) => {
      const checks = await withPassphrase(passphraseFile, (key) => examine(home, key));
      if (checks.some(({ state }) => state === 'failed')) end(EXIT.checksFailed);
      print(format, checks, () =>
        table(
          ['check', 'state', 'found', 'what to do'],
          checks.map(({ name, state, found, advice }) => [name, state, found, advice]),
        ),
      );
    });
}
