import { readLedger } from '@starling/runtime';
import { Command } from 'commander';
import { EXIT } from '../exit-codes.ts';
import { homeOption } from '../home.ts';
import { type Format, formatOption, print, table } from '../output.ts';

interface LedgerOptions {
  readonly home: string;
  readonly format: Format;
}

export function ledgerCommand(end: (code: number) => void): Command {
  const ledger = new Command('ledger')
    .description("The federation's token accounts.")
    .addHelpText('after', '\nExample:\n  $ starling ledger balances --home ./coordinator');
  ledger
    .command('balances')
    .description('Every account in whole units; all of them add up to zero.')
    .addOption(homeOption())
    .addOption(formatOption())
    .addHelpText('after', '\nExample:\n  $ starling ledger balances --home ./coordinator')
    .action(async ({ home, format }: LedgerOptions) => {
      const { balances } = await readLedger(home);
      print(format, balances, () =>
        table(
          ['account', 'balance'],
          balances.map(({ account, site, balance }) => [site ?? account, balance]),
        ),
      );
    });
  ledger
    .command('history')
    .description('Every entry, with the event that caused it.')
    .addOption(homeOption())
    .addOption(formatOption())
    .addHelpText('after', '\nExample:\n  $ starling ledger history --home ./coordinator')
    .action(async ({ home, format }: LedgerOptions) => {
      const { balances, history } = await readLedger(home);
      const siteOf = new Map(balances.map(({ account, site }) => [account, site ?? account]));
      print(format, history, () =>
        table(
          ['event', 'round', 'reason', 'from', 'to', 'amount'],
          history.map((entry) => [
            String(entry.seq),
            String(entry.round),
            entry.reason,
            siteOf.get(entry.from) ?? entry.from,
            siteOf.get(entry.to) ?? entry.to,
            entry.amount,
          ]),
        ),
      );
    });
  ledger
    .command('verify')
    .description('Replay the log from genesis, checking every signature and every balance.')
    .addOption(homeOption())
    .addOption(formatOption())
    .addHelpText('after', '\nExample:\n  $ starling ledger verify --home ./coordinator')
    .action(async ({ home, format }: LedgerOptions) => {
      const { events, problems, signaturesVerified } = await readLedger(home);
      if (problems.length > 0) end(EXIT.checksFailed);
      print(format, { events, signaturesVerified, problems }, () =>
        problems.length === 0
          ? `${events} events replayed, ${signaturesVerified} signatures hold, the books balance`
          : problems.join('\n'),
      );
    });
  return ledger;
}
