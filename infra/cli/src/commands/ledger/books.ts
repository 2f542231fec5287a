// The books as everyone who holds the log reads them: balances, history, the check that trusts
// nobody, and files of them.

import { writeFile } from 'node:fs/promises';
import {
  exportEvidence,
  federationOfInvitation,
  type LedgerView,
  RuntimeError,
  readLedger,
  readLedgerFile,
} from '@starling/runtime';
import { Command, Option } from 'commander';
import { EXIT } from '../../exit-codes.ts';
import { homeOption } from '../../home.ts';
import { readInvitation } from '../../invitation-file.ts';
import { type Format, formatOption, print, table } from '../../output.ts';

interface LedgerOptions {
  readonly home: string;
  readonly format: Format;
}

export function balancesCommand(): Command {
  return new Command('balances')
    .description('Every account in whole units; all of them add up to zero.')
    .addOption(homeOption())
    .addOption(formatOption())
    .addHelpText('after', '\nExample:\n  $ starling ledger balances --home ./coordinator')
    .action(async ({ home, format }: LedgerOptions) => {
      const { balances } = await readLedger(home);
      const rows = balances.map(({ account, balance, site }) => [nameOf(account, site), balance]);
      print(format, balances, () => table(['account', 'balance'], rows));
    });
}

export function historyCommand(): Command {
  return new Command('history')
    .description('Every entry, with the event that caused it.')
    .addOption(homeOption())
    .addOption(formatOption())
    .addHelpText('after', '\nExample:\n  $ starling ledger history --home ./coordinator')
    .action(async ({ home, format }: LedgerOptions) => {
      const { balances, history } = await readLedger(home);
      const names = new Map(
        balances.map((line) => [line.account, nameOf(line.account, line.site)]),
      );
      print(format, history, () =>
        table(
          ['event', 'round', 'reason', 'from', 'to', 'amount'],
          history.map((entry) => [
            String(entry.seq),
            String(entry.round),
            entry.reason,
            names.get(entry.from) ?? entry.from,
            names.get(entry.to) ?? entry.to,
            entry.amount,
          ]),
        ),
      );
    });
}

export function verifyCommand(end: (code: number) => void): Command {
  return new Command('verify')
    .description(
      'Replay the log from genesis, checking every signature and every balance; names the first event that does not hold.',
    )
    .argument(
      '[file]',
      'what "ledger export --out ledger.cbor" wrote; needs --genesis, asks nobody',
    )
    .option(
      '--genesis <id|invitation>',
      'the federation it must be: its id, or the invitation file you joined with',
    )
    .addOption(homeOption())
    .addOption(formatOption())
    .addHelpText(
      'after',
      '\nExample:\n  $ starling ledger verify --home ./coordinator\n' +
        '  $ starling ledger verify ledger.cbor --genesis north.invitation',
    )
    .action(async (file: string | undefined, options: LedgerOptions & { genesis?: string }) => {
      const { format, genesis, home } = options;
      const view = await readVerified(file, genesis, home);
      const { digest, events, federation, firstProblem, problems, signaturesVerified } = view;
      if (problems.length > 0) end(EXIT.checksFailed);
      const answer = { federation, events, digest, signaturesVerified, firstProblem, problems };
      print(format, answer, () => describe(view));
    });
}

export function exportCommand(): Command {
  const as = new Option('--as <form>', "what to write; by the file's ending when absent");
  return new Command('export')
    .description(
      'Write the books into a new file: json, csv (the entries), or evidence (.cbor) that anyone can verify.',
    )
    .requiredOption('--out <file>', 'a new file')
    .addOption(as.choices(['json', 'csv', 'evidence']))
    .addOption(homeOption())
    .addOption(formatOption())
    .addHelpText('after', '\nExample:\n  $ starling ledger export --out ledger.cbor')
    .action(async (options: LedgerOptions & { out: string; as?: string }) => {
      const { format, home, out } = options;
      const form = options.as ?? formOf(out);
      if (form === 'evidence') await exportEvidence(home, out);
      else await writeBooks(out, form, await readLedger(home));
      const hint = `anyone checks it with: starling ledger verify ${out} --genesis <federation id or invitation>`;
      print(format, { file: out, form }, () => {
        return form === 'evidence' ? `evidence in ${out}\n${hint}` : `${form} in ${out}`;
      });
    });
}

/** `north`, or `north (stake)` for what is not its free balance. */
export function nameOf(account: string, site: string | null): string {
  if (site === null) return account;
  const kind = account.slice(0, account.indexOf(':'));
  return kind === 'member' ? site : `${site} (${kind})`;
}

async function readVerified(
  file: string | undefined,
  genesis: string | undefined,
  home: string,
): Promise<LedgerView> {
  if (file !== undefined && genesis !== undefined) {
    return readLedgerFile(file, await federationNamed(genesis));
  }
  if (file === undefined && genesis === undefined) return readLedger(home);
  const message =
    file === undefined
      ? '--genesis is for a file: name what "starling ledger export --out ledger.cbor" wrote'
      : `which federation must ${file} be of? Give --genesis with its id or your invitation file`;
  throw new RuntimeError('invalid-option', message);
}

/** An invitation that has ended still says which federation it was for. */
async function federationNamed(genesis: string): Promise<string> {
  if (/^[0-9a-f]{64}$/.test(genesis)) return genesis;
  return federationOfInvitation(await readInvitation(genesis));
}

function describe({ digest, events, federation, problems, signaturesVerified }: LedgerView) {
  if (problems.length > 0) {
    return [`the first ${events} events hold, then:`, ...problems].join('\n');
  }
  return (
    `${events} events replayed, ${signaturesVerified} signatures hold, the books balance\n` +
    `federation ${federation}\nlog digest ${digest}`
  );
}

function formOf(file: string): 'json' | 'csv' | 'evidence' {
  if (file.endsWith('.json')) return 'json';
  if (file.endsWith('.csv')) return 'csv';
  if (file.endsWith('.cbor')) return 'evidence';
  const message = `${file} ends in none of .json, .csv and .cbor: say what to write with --as`;
  throw new RuntimeError('invalid-option', message);
}

async function writeBooks(file: string, form: string, view: LedgerView): Promise<void> {
  try {
    const text = form === 'json' ? `${JSON.stringify(view, undefined, 2)}\n` : csvOf(view);
    await writeFile(file, text, { flag: 'wx' });
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    const message = `${file} cannot be written (${detail}): name a new file with --out`;
    throw new RuntimeError('invalid-option', message, { cause });
  }
}

/** RFC 4180; no field has anything to quote: accounts are `kind:hex`, amounts digits. */
function csvOf({ history }: LedgerView): string {
  const rows = history.map(({ amount, from, reason, round, seq, to }) => {
    return [seq, round, reason, from, to, amount].join(',');
  });
  return `${['event,round,reason,from,to,amount', ...rows].join('\r\n')}\r\n`;
}
