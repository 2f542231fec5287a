// The rule set: seen, proposed, and signed by administrators as a file that goes from hand to hand.

import { readFile, rename, writeFile } from 'node:fs/promises';
import {
  parseTerms,
  proposeRules,
  type RulesAnswer,
  RuntimeError,
  readLedger,
  roleOf,
  type SignedRules,
  signRules,
  submitRules,
} from '@starling/runtime';
import { Command } from 'commander';
import { homeOption } from '../../home.ts';
import { type Format, formatOption, print } from '../../output.ts';
import { passphraseOption, withPassphrase } from '../../passphrase.ts';

const HEADER = 'starling-ledger-rules-v1:';

interface RulesOptions {
  readonly home: string;
  readonly format: Format;
}

export function rulesCommand(): Command {
  const rules = new Command('rules')
    .description('What is paid, charged and slashed, by whose signatures.')
    .addHelpText('after', '\nExample:\n  $ starling ledger rules show --home ./coordinator');
  for (const command of [showCommand(), proposeCommand(), signCommand()]) rules.addCommand(command);
  return rules;
}

function showCommand(): Command {
  return new Command('show')
    .description('The rules in force, and where the epoch is.')
    .option('--terms', 'the terms alone, as "rules propose" takes them')
    .addOption(homeOption())
    .addOption(formatOption())
    .addHelpText('after', '\nExample:\n  $ starling ledger rules show --terms > rules.json')
    .action(async ({ format, home, terms }: RulesOptions & { terms?: true }) => {
      const { problems, rules } = await readLedger(home);
      if (rules === null) throw new RuntimeError('request-refused', problems.join());
      if (terms) return print('json', rules.terms, () => '');
      const by =
        rules.seq === 0 ? 'the rewards of the genesis' : `rule set ${rules.seq}, ${rules.digest}`;
      const where = `epoch ${rules.epoch}, ${rules.roundsInEpoch} of ${rules.terms.epochRounds} rounds`;
      print(format, rules, () => [by, where, ...linesOf(rules.terms)].join('\n'));
    });
}

function proposeCommand(): Command {
  return new Command('propose')
    .description('Terms as the next rule set; in force where the coordinator alone signs rosters.')
    .argument('<terms>', 'a JSON file; begin with "ledger rules show --terms"')
    .option('--request <file>', 'a new file, for the other administrators to sign')
    .addOption(homeOption())
    .addOption(formatOption())
    .addHelpText(
      'after',
      '\nExample:\n  $ starling ledger rules propose rules.json --request next.rules --home ./coordinator',
    )
    .action(async (file: string, options: RulesOptions & { request?: string }) => {
      const terms = parseTerms(await readText(file), file);
      const answer = await proposeRules(options.home, terms);
      await tell(answer, options.format, options.request, 'wx');
    });
}

function signCommand(): Command {
  return new Command('sign')
    .description(
      'Sign a proposed rule set with the key of --home; with a coordinator as --home, put it in force.',
    )
    .argument('<request>', 'the file that "ledger rules propose --request" wrote')
    .addOption(homeOption())
    .addOption(passphraseOption())
    .addOption(formatOption())
    .addHelpText('after', '\nExample:\n  $ starling ledger rules sign next.rules --home ./alice')
    .action(async (file: string, options: RulesOptions & { passphraseFile?: string }) => {
      const { format, home, passphraseFile } = options;
      const bytes = await readRequest(file);
      if ((await roleOf(home)) === 'coordinator') {
        return tell(await submitRules(home, bytes), format, undefined, 'w');
      }
      const { request, ...signed } = await withPassphrase(passphraseFile, (passphrase) =>
        signRules(home, bytes, passphrase),
      );
      await writeText(`${file}.new`, encoded(request), 'w');
      await rename(`${file}.new`, file);
      print(format, { ...signed, file }, () => describeSigned(signed, file));
    });
}

async function tell(
  answer: RulesAnswer,
  format: Format,
  file: string | undefined,
  flag: 'w' | 'wx',
): Promise<void> {
  if (answer.kind === 'in-force') {
    return print(format, answer, () => `rule set ${answer.seq} is in force`);
  }
  const { request, ...shown } = answer;
  const state = `rule set ${answer.seq} has ${answer.signed} of ${answer.threshold} signatures`;
  if (file === undefined) {
    const how = 'the other administrators sign it: give --request FILE to "ledger rules propose"';
    throw new RuntimeError('request-refused', `${state}: ${how}`);
  }
  await writeText(file, encoded(new Uint8Array(Buffer.from(request, 'base64url'))), flag);
  const next = `each administrator runs starling ledger rules sign ${file} --home <key folder>`;
  print(format, { ...shown, file }, () => `${state}, in ${file}\nnext: ${next}`);
}

function describeSigned(signed: Omit<SignedRules, 'request'>, file: string): string {
  const { current, federation, name, next, seq, signed: count, threshold } = signed;
  const before = new Map(pairs(current));
  const changes = pairs(next)
    .filter(([key, value]) => before.get(key) !== value)
    .map(([key, value]) => `  ${key}: ${before.get(key)} → ${value}`);
  return [
    `signed rule set ${seq} of "${name}" (${federation.slice(0, 16)})`,
    ...(changes.length === 0 ? ['  changes nothing'] : changes),
    count >= threshold
      ? `${count} of ${threshold} have signed; next: starling ledger rules sign ${file} --home <coordinator>`
      : `${count} of ${threshold} have signed; next: hand ${file} to another administrator`,
  ].join('\n');
}

function linesOf(terms: object): string[] {
  return pairs(terms).map(([key, value]) => `  ${key}: ${value}`);
}

/** `rewards.vote` and its value, for every term. */
function pairs(terms: object, path = ''): [string, unknown][] {
  return Object.entries(terms).flatMap(([key, value]: [string, unknown]) => {
    const inner = typeof value === 'object' && value !== null;
    return inner ? pairs(value, `${path}${key}.`) : [[`${path}${key}`, value]];
  });
}

function encoded(bytes: Uint8Array): string {
  return `${HEADER}${Buffer.from(bytes).toString('base64url')}\n`;
}

async function readRequest(file: string): Promise<Uint8Array> {
  const text = (await readText(file)).trim();
  if (text.startsWith(HEADER)) {
    return new Uint8Array(Buffer.from(text.slice(HEADER.length), 'base64url'));
  }
  const how = 'get one with "starling ledger rules propose TERMS --request FILE"';
  throw new RuntimeError('invalid-option', `${file} is no proposed rule set: ${how}`);
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new RuntimeError('invalid-option', `${file} cannot be read (${detail})`, { cause });
  }
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
