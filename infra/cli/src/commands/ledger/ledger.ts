// The token accounts at the command line.

import { Command } from 'commander';
import { balancesCommand, exportCommand, historyCommand, verifyCommand } from './books.ts';
import { accountCommand, stakeCommand, transferCommand } from './orders.ts';
import { rulesCommand } from './rules.ts';

export function ledgerCommand(end: (code: number) => void): Command {
  const ledger = new Command('ledger')
    .description("The federation's token accounts.")
    .addHelpText('after', '\nExample:\n  $ starling ledger balances --home ./coordinator');
  const commands = [
    balancesCommand(),
    historyCommand(),
    accountCommand(),
    transferCommand(),
    stakeCommand('stake'),
    stakeCommand('unstake'),
    rulesCommand(),
    verifyCommand(end),
    exportCommand(),
  ];
  for (const command of commands) ledger.addCommand(command);
  return ledger;
}
