// A site's keys: shown, backed up, brought back. None of these commands prints a secret.

import { resolve } from 'node:path';
import {
  describeSiteKeys,
  exportKeys,
  type KeyDescription,
  makeNatsUser,
  makeNextKey,
  publicKeyRecord,
  RuntimeError,
  restoreKeys,
} from '@starling/runtime';
import { Command } from 'commander';
import { homeOption } from '../home.ts';
import { type Format, formatOption, print, yesNo } from '../output.ts';
import { passphraseOption, withPassphrase } from '../passphrase.ts';

interface KeysOptions {
  readonly home: string;
  readonly passphraseFile?: string;
  readonly format: Format;
}

interface ExportOptions extends KeysOptions {
  readonly public?: true;
  readonly out?: string;
  readonly backupPassphraseFile?: string;
}

interface RotateOptions extends KeysOptions {
  readonly transport?: true;
}

export function keysCommand(): Command {
  const keys = new Command('keys')
    .description("A site's keys: what they are, a backup of them.")
    .addHelpText('after', '\nExample:\n  $ starling keys show --home ./north');
  const commands = [showCommand(), exportCommand(), restoreCommand(), rotateCommand()];
  for (const command of [...commands, natsCommand()]) keys.addCommand(command);
  return keys;
}

function showCommand(): Command {
  return new Command('show')
    .description('Member id, fingerprint, channel id, and whether the keys are encrypted.')
    .addOption(homeOption())
    .addOption(passphraseOption())
    .addOption(formatOption())
    .addHelpText('after', '\nExample:\n  $ starling keys show --home ./north')
    .action(async ({ home, passphraseFile, format }: KeysOptions) => {
      const shown = await withPassphrase(passphraseFile, (key) => describeSiteKeys(home, key));
      print(format, shown, () => describe(shown));
    });
}

function exportCommand(): Command {
  return new Command('export')
    .description('Back the keys up, encrypted; with --public, print the public key instead.')
    .option('--out <file>', 'new file for the backup')
    .option('--public', 'print the public key as a record for administrators')
    .option(
      '--backup-passphrase-file <file>',
      "file with the backup's own passphrase; else that of the keys",
    )
    .addOption(homeOption())
    .addOption(passphraseOption())
    .addOption(formatOption())
    .addHelpText(
      'after',
      '\nExample:\n  $ starling keys export --home ./north --out north.backup --passphrase-file p.txt',
    )
    .action(exportOrPrint);
}

function restoreCommand(): Command {
  return new Command('restore')
    .description("Bring the keys of a backup back into a site's folder that lost them.")
    .argument('<backup>', 'file that "starling keys export" wrote')
    .addOption(homeOption())
    .addOption(formatOption())
    .addHelpText('after', '\nExample:\n  $ starling keys restore north.backup --home ./north')
    .action(async (backup: string, { home, format }: KeysOptions) => {
      const restored = await restoreKeys(home, resolve(backup));
      print(
        format,
        restored,
        () =>
          `keys of ${restored.member.slice(0, 16)} are back in ${home}, ` +
          'encrypted under the passphrase of the backup',
      );
    });
}

function rotateCommand(): Command {
  return new Command('rotate')
    .description("Make a new key for a site's member, or with --transport for its channel.")
    .option('--transport', 'the key of the channel, which is the peer id')
    .addOption(homeOption())
    .addOption(passphraseOption())
    .addOption(formatOption())
    .addHelpText('after', '\nExample:\n  $ starling keys rotate --home ./north')
    .action(async ({ home, passphraseFile, format, transport }: RotateOptions) => {
      const key = transport === true ? 'transport' : 'identity';
      const made = await withPassphrase(passphraseFile, (passphrase) =>
        makeNextKey(home, key, passphrase),
      );
      print(
        format,
        made,
        () =>
          `a new key waits in ${made.file}: ${made.to} shall take the place of ${made.from}\n` +
          'next: start the site, again if it runs; it asks for the key and takes it once a roster lists it',
      );
    });
}

function natsCommand(): Command {
  return new Command('nats')
    .description('Make the nkey by which NATS servers shall know a coordinator.')
    .requiredOption('--out <file>', 'new file for the secret half, for "init --log-nkey-file"')
    .addOption(formatOption())
    .addHelpText('after', '\nExample:\n  $ starling keys nats --out nats.nkey')
    .action(async ({ out, format }: { out: string; format: Format }) => {
      const file = resolve(out);
      const publicKey = await makeNatsUser(file);
      print(format, { publicKey, file }, () => publicKey);
    });
}

async function exportOrPrint(options: ExportOptions): Promise<void> {
  const { home, passphraseFile, backupPassphraseFile, format, out } = options;
  if (options.public === true) {
    if (out !== undefined || backupPassphraseFile !== undefined) {
      throw new RuntimeError(
        'invalid-option',
        '--public prints, it takes no file and no passphrase',
      );
    }
    const record = await withPassphrase(passphraseFile, (key) => publicKeyRecord(home, key));
    print('json', record, () => '');
    return;
  }
  if (out === undefined) {
    throw new RuntimeError('invalid-option', 'name a new file with --out, or ask for --public');
  }
  const written = await withPassphrase(passphraseFile, (key) =>
    withPassphrase(backupPassphraseFile ?? passphraseFile, (backupKey) => {
      if (backupKey !== undefined) return exportKeys(home, resolve(out), backupKey, key);
      const how = '--passphrase-file, --backup-passphrase-file or STARLING_PASSPHRASE';
      throw new RuntimeError('invalid-option', `a backup is always encrypted: give ${how}`);
    }),
  );
  print(
    format,
    written,
    () => `keys of ${written.member.slice(0, 16)} in ${written.file}; it opens with its passphrase`,
  );
}

function describe(keys: KeyDescription): string {
  const { transport } = keys;
  return [
    `member       ${keys.member}`,
    `public key   ${keys.fingerprint ?? 'locked: give its passphrase to see its fingerprint'}`,
    `suite        ${keys.suite}`,
    `encrypted    ${yesNo(keys.encrypted)}`,
    `created      ${keys.createdAt}`,
    `channel      ${transport.id}`,
    `             ${transport.suite}, encrypted: ${yesNo(transport.encrypted)}, created: ${transport.createdAt ?? 'unknown'}`,
  ].join('\n');
}
