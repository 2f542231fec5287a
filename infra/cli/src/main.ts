// The `starling` command: the only reader of argv and of the environment.

import { Command, CommanderError } from 'commander';
import { backupCommand, restoreCommand } from './commands/backup.ts';
import { consensusCommand } from './commands/consensus.ts';
import { coordinatorCommand } from './commands/coordinator.ts';
import { demoCommand } from './commands/demo.ts';
import { doctorCommand } from './commands/doctor.ts';
import { indexCommand } from './commands/index-care.ts';
import { initCommand } from './commands/init.ts';
import { keysCommand } from './commands/keys.ts';
import { ledgerCommand } from './commands/ledger/ledger.ts';
import { inviteCommand, joinCommand } from './commands/membership.ts';
import { modelCommand } from './commands/model.ts';
import { newCommand } from './commands/new.ts';
import { patternsCommand } from './commands/patterns.ts';
import { peerCommand } from './commands/peer.ts';
import { privacyCommand } from './commands/privacy.ts';
import { rosterCommand } from './commands/roster.ts';
import { roundCommand } from './commands/round.ts';
import { runCommand } from './commands/run.ts';
import { simCommand } from './commands/sim.ts';
import { simulateCommand } from './commands/simulate.ts';
import { tokenCommand } from './commands/token.ts';
import { upCommand } from './commands/up.ts';
import { updateCommand } from './commands/update.ts';
import { EXIT, EXIT_CODES_HELP, exitCodeOf } from './exit-codes.ts';

/** Runs one command line; resolves to its exit code. */
export async function main(argv: readonly string[], version: string): Promise<number> {
  // A reader that has seen enough, such as `head`, is no failure.
  for (const stream of [process.stdout, process.stderr]) {
    if (!stream.listeners('error').includes(ignoreClosedPipe)) stream.on('error', ignoreClosedPipe);
  }
  const outcome = { code: EXIT.ok as number };
  const program = new Command('starling')
    .description('A federated learning cluster: private sites, signed updates, certified models.')
    .version(version)
    .addHelpText('after', `\nExample:\n  $ starling demo\n\n${EXIT_CODES_HELP}`)
    .exitOverride()
    .showHelpAfterError('Add --help for the options and an example.');
  const end = (code: number) => {
    outcome.code = code;
  };
  const commands = [
    demoCommand(end),
    upCommand(end),
    initCommand(),
    inviteCommand(),
    joinCommand(),
    peerCommand(end),
    updateCommand(end),
    coordinatorCommand(end),
    patternsCommand(),
    consensusCommand(end),
    keysCommand(),
    backupCommand(),
    restoreCommand(),
    rosterCommand(),
    ledgerCommand(end),
    roundCommand(end),
    modelCommand(),
    indexCommand(end),
    privacyCommand(),
    tokenCommand(),
    newCommand(),
    runCommand(end),
    simulateCommand(end),
    simCommand(end),
    doctorCommand(end),
  ];
  for (const command of commands) program.addCommand(inherit(command, program));
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return outcome.code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    return report(error, argv);
  }
}

/** A failure as a person reads it, or as JSON when that was asked for. */
function report(error: unknown, argv: readonly string[]): number {
  const code = exitCodeOf(error);
  const message = error instanceof Error ? error.message : String(error);
  if (argv.join(' ').includes('--format json') || argv.includes('--format=json')) {
    const name = error instanceof Error && 'code' in error ? error.code : 'unexpected';
    process.stdout.write(`${JSON.stringify({ success: false, code: name, error: message })}\n`);
  } else {
    process.stderr.write(`starling: ${message}\n`);
    if (code === EXIT.unexpected && error instanceof Error) {
      process.stderr.write(`${error.stack ?? ''}\n`);
    }
  }
  return code;
}

function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}

function inherit(command: Command, parent: Command): Command {
  command.copyInheritedSettings(parent);
  for (const child of command.commands) inherit(child, command);
  return command;
}
