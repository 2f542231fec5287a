// A whole folder as one encrypted file, and back.

import { resolve } from 'node:path';
import { backUpSite, RuntimeError, restoreSite } from '@starling/runtime';
import { Command } from 'commander';
import { homeOption } from '../home.ts';
import { type Format, formatOption, print } from '../output.ts';
import { withPassphrase } from '../passphrase.ts';

interface BackupOptions {
  readonly home: string;
  readonly out: string;
  readonly backupPassphraseFile?: string;
  readonly format: Format;
}

interface RestoreOptions {
  readonly home: string;
  readonly backupPassphraseFile?: string;
  readonly logInFolder?: true;
  readonly format: Format;
}

const PASSPHRASE = '--backup-passphrase-file <file>';

export function backupCommand(): Command {
  return new Command('backup')
    .description('Back a site or a coordinator up as one encrypted file, also while it runs.')
    .addOption(homeOption())
    .requiredOption('--out <file>', 'new file for the backup')
    .option(PASSPHRASE, "file with the backup's passphrase; else STARLING_PASSPHRASE")
    .addOption(formatOption())
    .addHelpText(
      'after',
      '\nExample:\n  $ starling backup --home ./north --out north.backup --backup-passphrase-file p.txt',
    )
    .action(async ({ home, out, backupPassphraseFile, format }: BackupOptions) => {
      const written = await withBackupPassphrase(backupPassphraseFile, (passphrase) =>
        backUpSite(home, resolve(out), passphrase, Date.now()),
      );
      const { bytes, file, files, wasRunning } = written;
      print(format, written, () => {
        const how = wasRunning ? 'it runs on' : 'it does not run';
        return `${files} files, ${bytes} bytes in ${file}; ${how}`;
      });
    });
}

export function restoreCommand(): Command {
  return new Command('restore')
    .description('Bring a backup back as a new folder.')
    .argument('<backup>', 'file that "starling backup" wrote')
    .addOption(homeOption())
    .option(PASSPHRASE, "file with the backup's passphrase; else STARLING_PASSPHRASE")
    .option('--log-in-folder', "a coordinator's NATS servers are lost: go on with the log's copy")
    .addOption(formatOption())
    .addHelpText('after', '\nExample:\n  $ starling restore north.backup --home ./north')
    .action(async (backup: string, options: RestoreOptions) => {
      const { home, backupPassphraseFile, format, logInFolder = false } = options;
      const restored = await withBackupPassphrase(backupPassphraseFile, (passphrase) =>
        restoreSite(resolve(backup), home, passphrase, { logInFolder }),
      );
      const { createdAtMs, name, role, wanted } = restored;
      print(format, restored, () =>
        [
          `${role} "${name}" as it was at ${new Date(createdAtMs).toISOString()} in ${home}`,
          ...wanted.map((file) => `not in the backup, and wanted by its config: ${file}`),
          `next: starling ${role} start --home ${home}, and never the lost one beside it`,
        ].join('\n'),
      );
    });
}

function withBackupPassphrase<T>(
  file: string | undefined,
  use: (passphrase: Uint8Array) => Promise<T>,
): Promise<T> {
  return withPassphrase(file, (passphrase) => {
    if (passphrase !== undefined) return use(passphrase);
    const how = '--backup-passphrase-file or STARLING_PASSPHRASE';
    throw new RuntimeError('invalid-option', `a backup is always encrypted: give ${how}`);
  });
}
