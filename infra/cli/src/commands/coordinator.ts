import { LocalClient, runCoordinator, type ServedStatus } from '@starling/runtime';
import { Command } from 'commander';
import { homeOption } from '../home.ts';
import { type HttpArguments, httpOverrideFrom, withHttpOverride } from '../http-options.ts';
import { type Format, formatOption, print, table } from '../output.ts';
import { passphraseOption } from '../passphrase.ts';
import { wholeNumber } from '../whole-number.ts';
import { type ServeOptions, serve } from './serve.ts';

export function coordinatorCommand(end: (code: number) => void): Command {
  const coordinator = new Command('coordinator')
    .description('Run a federation and its rounds.')
    .addHelpText('after', '\nExample:\n  $ starling coordinator start --home ./coordinator');
  withHttpOverride(coordinator.command('start'))
    .description('Run the coordinator of a folder in the foreground until Ctrl-C.')
    .addOption(homeOption())
    .addOption(passphraseOption())
    .addOption(formatOption())
    .addHelpText('after', '\nExample:\n  $ starling coordinator start --home ./coordinator')
    .action(async (options: ServeOptions & HttpArguments) => {
      const override = httpOverrideFrom(options);
      end(await serve(options, (home, key) => runCoordinator(home, key, override)));
    });
  coordinator
    .command('status')
    .description('Members, rounds, versions, and what the coordinator waits for.')
    .addOption(homeOption())
    .addOption(formatOption())
    .addHelpText('after', '\nExample:\n  $ starling coordinator status --home ./coordinator')
    .action(async ({ home, format }: { home: string; format: Format }) => {
      const status = await (await LocalClient.open(home)).coordinatorStatus();
      print(format, status, () => describe(status));
    });
  coordinator
    .command('rounds')
    .description('Plan how many rounds are run in all; the first waits for --peers ready sites.')
    .argument('<n>', 'rounds in all', wholeNumber(0, 1_000_000))
    .addOption(homeOption())
    .option('--peers <n>', 'sites that must be ready first', wholeNumber(1, 1_000), 2)
    .addOption(formatOption())
    .addHelpText('after', '\nExample:\n  $ starling coordinator rounds 20 --peers 3')
    .action(async (rounds: number, options: { home: string; peers: number; format: Format }) => {
      await (await LocalClient.open(options.home)).planRounds(rounds, options.peers);
      print(options.format, { planned: rounds }, () => `${rounds} rounds planned`);
    });
  return coordinator;
}

function describeRoster(roster: ServedStatus['roster']): string {
  const { expired, notAfterMs, proposal, seq } = roster;
  const until = `roster ${seq}, ${expired ? 'EXPIRED' : 'good until'} ${new Date(notAfterMs).toISOString()}`;
  if (proposal === null) return until;
  const { seq: next, signed, threshold } = proposal;
  return `${until}; roster ${next} is proposed, ${signed} of ${threshold} have signed`;
}

function describeLog({ detail, kind, reachable, where }: ServedStatus['log']): string {
  return `log: ${kind}, ${where}; ${reachable ? '' : 'NOT REACHABLE: '}${detail}`;
}

function describeState({ report, state }: ServedStatus['members'][number]): string {
  const progress = state === 'training' ? (report?.progressMicros ?? null) : null;
  return progress === null ? state : `${state}, ${Math.floor(progress / 10_000)} %`;
}

function lastContact(atMs: number | null, nowMs: number): string {
  return atMs === null ? 'never' : `${Math.max(0, Math.round((nowMs - atMs) / 1000))} s ago`;
}

function describe(status: ServedStatus, nowMs = Date.now()): string {
  const members = status.members.map((member) => [
    member.site,
    member.member.slice(0, 16),
    describeState(member),
    lastContact(member.lastContactMs, nowMs),
    String(member.examplesRounded),
    member.balance,
  ]);
  const rounds = status.rounds
    .slice(-10)
    .map((round) => [
      String(round.round),
      round.phase,
      String(round.updates.length),
      String(round.votes.length),
      round.missing.map(({ member, reason }) => `${member.slice(0, 8)}: ${reason}`).join(', '),
      (round.lossLastMicros / 1e6).toFixed(4),
    ]);
  return [
    `"${status.name}" (${status.federation.slice(0, 16)}), version ${status.version}, ` +
      `${status.roundsDone} of ${status.roundsPlanned} rounds; ${status.waitingFor}`,
    status.addresses.join('\n'),
    describeRoster(status.roster),
    describeLog(status.log),
    '',
    table(['site', 'member', 'state', 'last contact', 'examples', 'balance'], members),
    '',
    table(['round', 'phase', 'updates', 'votes', 'missing', 'loss'], rounds),
  ].join('\n');
}
