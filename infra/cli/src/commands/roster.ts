// Who is a member: seen, admitted, taken out. What one administrator cannot decide alone goes from
// hand to hand as a file.

import { readFile, rename, writeFile } from 'node:fs/promises';
import {
  LocalClient,
  type RosterOutcome,
  type RosterView,
  RuntimeError,
  readRosterOf,
  readRosterRequest,
  roleOf,
  type SignedRequest,
  signRosterRequest,
  submitRosterRequest,
} from '@starling/runtime';
import { Command } from 'commander';
import { homeOption } from '../home.ts';
import { type Format, formatOption, print } from '../output.ts';
import { passphraseOption, withPassphrase } from '../passphrase.ts';
import { describeRoster, listRoster } from '../roster-text.ts';

const HEADER = 'starling-roster-request-v1:';

interface RosterOptions {
  readonly home: string;
  readonly format: Format;
}

interface ShowOptions extends RosterOptions {
  readonly request?: string;
}

interface AdmitOptions extends RosterOptions {
  readonly passphraseFile?: string;
  readonly replace?: true;
}

export function rosterCommand(): Command {
  const roster = new Command('roster')
    .description('Who is a member, by whose signatures, and who is no longer.')
    .addHelpText('after', '\nExample:\n  $ starling roster list --home ./coordinator');
  for (const command of [listCommand(), showCommand(), admitCommand(), revokeCommand()]) {
    roster.addCommand(command);
  }
  return roster;
}

function listCommand(): Command {
  return new Command('list')
    .description('Members, their status and since when; who was revoked; what waits.')
    .addOption(homeOption())
    .addOption(formatOption())
    .addHelpText('after', '\nExample:\n  $ starling roster list --home ./coordinator')
    .action(async ({ home, format }: RosterOptions) => {
      const view = await readRosterOf(home);
      const { proposal, roster } = view;
      const { members = [], revoked = [] } = roster ?? {};
      print(format, { members, revoked, proposal }, () => listRoster(view));
    });
}

function showCommand(): Command {
  return new Command('show')
    .description('The signed roster: number, chain, signers, end; and the proposed one.')
    .addOption(homeOption())
    .option('--request <file>', 'write the proposed one to a new file, for administrators to sign')
    .addOption(formatOption())
    .addHelpText(
      'after',
      '\nExample:\n  $ starling roster show --request next.roster --home ./coordinator',
    )
    .action(async ({ home, format, request }: ShowOptions) => {
      if (request === undefined) {
        const view: RosterView = await readRosterOf(home);
        print(format, view, () => describeRoster(view));
        return;
      }
      await writeText(request, encoded(await readRosterRequest(home)), 'wx');
      const { proposal, threshold } = await readRosterOf(home);
      const answer = { file: request, seq: proposal?.seq, signed: proposal?.signers, threshold };
      print(
        format,
        answer,
        () =>
          `roster ${proposal?.seq} in ${request}, ${proposal?.signers.length} of ${threshold} have signed\n` +
          `next: each administrator runs starling roster admit ${request} --home <key folder>`,
      );
    });
}

function admitCommand(): Command {
  return new Command('admit')
    .alias('sign')
    .description(
      'Sign a proposed roster with the key of --home; with a coordinator as --home, put it in force.',
    )
    .argument('<request>', 'the file that "roster show --request" wrote')
    .addOption(homeOption())
    .option('--replace', 'sign it instead of another one of this number, which was withdrawn')
    .addOption(passphraseOption())
    .addOption(formatOption())
    .addHelpText('after', '\nExample:\n  $ starling roster admit next.roster --home ./alice')
    .action(async (file: string, options: AdmitOptions) => {
      const { home, format, passphraseFile, replace } = options;
      const bytes = await readRequest(file);
      if ((await roleOf(home)) === 'coordinator') {
        const outcome = await submitRosterRequest(home, bytes);
        print(format, outcome, () => describeOutcome(outcome));
        return;
      }
      const { request, ...signed } = await withPassphrase(passphraseFile, (passphrase) =>
        signRosterRequest(home, bytes, { passphrase, replace: replace === true }),
      );
      await writeText(`${file}.new`, encoded(request), 'w');
      await rename(`${file}.new`, file);
      print(format, { ...signed, file }, () => describeSigned(signed, file));
    });
}

function revokeCommand(): Command {
  return new Command('revoke')
    .description('Take a member out; from then on nothing of it is heard. Its balance stays.')
    .argument('<site|member>', 'name of the site, or the first digits of its member id')
    .requiredOption('--reason <text>', 'why, for everyone to read')
    .addOption(homeOption())
    .addOption(formatOption())
    .addHelpText(
      'after',
      '\nExample:\n  $ starling roster revoke north --reason "sold" --home ./coordinator',
    )
    .action(async (who: string, options: RosterOptions & { reason: string }) => {
      const client = await LocalClient.open(options.home);
      const outcome = await client.revoke(who, options.reason);
      print(options.format, outcome, () => `${who}: ${describeOutcome(outcome)}`);
    });
}

function describeOutcome(outcome: RosterOutcome): string {
  if (outcome.kind === 'in-force') return `roster ${outcome.seq} is in force`;
  const { seq, signed, threshold, why } = outcome;
  return (
    `roster ${seq} is proposed, ${signed} of ${threshold} have signed: ${why}\n` +
    'next: starling roster show --request FILE, and have it signed'
  );
}

function describeSigned(signed: Omit<SignedRequest, 'request'>, file: string): string {
  const { changes, federation, name, notAfterMs, seq, signed: count, threshold } = signed;
  const lines = changes.map(({ detail, kind, member, site }) => {
    return `  ${kind.padEnd(8)} ${site} (${member.slice(0, 16)}): ${detail}`;
  });
  return [
    `signed roster ${seq} of "${name}" (${federation.slice(0, 16)}), good until ${new Date(notAfterMs).toISOString()}`,
    ...(lines.length === 0 ? ['  renews the one before, nobody comes or goes'] : lines),
    count >= threshold
      ? `${count} of ${threshold} have signed; next: starling roster admit ${file} --home <coordinator>`
      : `${count} of ${threshold} have signed; next: hand ${file} to another administrator`,
  ].join('\n');
}

function encoded(bytes: Uint8Array): string {
  return `${HEADER}${Buffer.from(bytes).toString('base64url')}\n`;
}

async function writeText(file: string, text: string, flag: 'w' | 'wx'): Promise<void> {
  try {
    await writeFile(file, text, { flag });
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    const message = `${file} cannot be written (${detail}): name a new file`;
    throw new RuntimeError('invalid-option', message, { cause });
  }
}

async function readRequest(file: string): Promise<Uint8Array> {
  let text: string;
  try {
    text = (await readFile(file, 'utf8')).trim();
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    const how = 'name the file that "starling roster show --request" wrote';
    throw new RuntimeError('invalid-option', `${file} cannot be read (${detail}): ${how}`, {
      cause,
    });
  }
  if (text.startsWith(HEADER)) {
    return new Uint8Array(Buffer.from(text.slice(HEADER.length), 'base64url'));
  }
  const message = `${file} is no proposed roster: get one with "starling roster show --request FILE"`;
  throw new RuntimeError('invalid-option', message);
}
