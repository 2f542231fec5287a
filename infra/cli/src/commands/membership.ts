import { writeFile } from 'node:fs/promises';
import { joinSite, LocalClient, RuntimeError } from '@starling/runtime';
import { Command } from 'commander';
import { homeOption } from '../home.ts';
import { invitationText, readInvitation } from '../invitation-file.ts';
import { type Format, formatOption, print } from '../output.ts';
import { passphraseOption, withPassphrase } from '../passphrase.ts';

interface JoinOptions {
  readonly home: string;
  readonly passphraseFile?: string;
  readonly format: Format;
}

export function inviteCommand(): Command {
  return new Command('invite')
    .description('Sign a single-use invitation for a new site, on the running coordinator.')
    .argument('<site>', 'name of the new site')
    .addOption(homeOption())
    .option('--out <file>', 'where to write it; printed when absent')
    .addOption(formatOption())
    .addHelpText(
      'after',
      '\nExample:\n  $ starling invite north --home ./coordinator --out north.invitation',
    )
    .action(async (site: string, options: { home: string; out?: string; format: Format }) => {
      const client = await LocalClient.open(options.home);
      const bytes = await client.invite(site);
      const text = invitationText(bytes);
      if (options.out !== undefined) await writeSecret(options.out, text);
      const answer = { site, file: options.out ?? null, invitation: text.trim() };
      print(options.format, answer, () =>
        options.out === undefined
          ? text.trim()
          : `invitation for ${site} in ${options.out}; it is a secret, and works once`,
      );
    });
}

export function joinCommand(): Command {
  return new Command('join')
    .description('Join the federation of an invitation; its coordinator must be reachable.')
    .argument('<invitation>', 'the invitation file')
    .addOption(homeOption())
    .addOption(passphraseOption())
    .addOption(formatOption())
    .addHelpText('after', '\nExample:\n  $ starling join north.invitation --home ./north')
    .action(async (file: string, options: JoinOptions) => {
      const invitation = await readInvitation(file);
      const joined = await withPassphrase(options.passphraseFile, (passphrase) =>
        joinSite(options.home, invitation, { passphrase }),
      );
      print(
        options.format,
        joined,
        () =>
          `joined "${joined.name}" (${joined.federation.slice(0, 16)}), now ${joined.members} sites\n` +
          `next: starling peer start --home ${options.home}`,
      );
    });
}

async function writeSecret(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text, { mode: 0o600, flag: 'wx' });
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    const message = `${file} cannot be written (${detail}): name a new file with --out`;
    throw new RuntimeError('invalid-option', message, { cause });
  }
}
