import { LocalClient, type RoundVerification, verifyStoredRound } from '@starling/runtime';
import { Command } from 'commander';
import { EXIT } from '../exit-codes.ts';
import { homeOption } from '../home.ts';
import { type Format, formatOption, print, table } from '../output.ts';
import { coverageText, missingText } from '../round-text.ts';
import { wholeNumber } from '../whole-number.ts';

interface RoundOptions {
  readonly home: string;
  readonly format: Format;
}

const ROUND_MAX = 1_000_000;

export function roundCommand(end: (code: number) => void): Command {
  const round = new Command('round')
    .description('The federated rounds: what they were, and whether they hold.')
    .addHelpText('after', '\nExample:\n  $ starling round verify 3 --home ./coordinator');
  round
    .command('list')
    .description('The newest rounds of a running coordinator.')
    .addOption(homeOption())
    .addOption(formatOption())
    .addHelpText('after', '\nExample:\n  $ starling round list --home ./coordinator')
    .action(listRounds);
  round
    .command('verify')
    .description('Compute a round again from its vectors, opened secrets and certificates.')
    .argument('<round>', 'number of the round', wholeNumber(1, ROUND_MAX))
    .addOption(homeOption())
    .addOption(formatOption())
    .addHelpText('after', '\nExample:\n  $ starling round verify 3 --home ./coordinator')
    .action(async (number: number, { home, format }: RoundOptions) => {
      const found = await verifyStoredRound(home, number);
      if (!found.holds) end(EXIT.checksFailed);
      print(format, found, () => describe(number, found));
    });
  return round;
}

async function listRounds({ home, format }: RoundOptions): Promise<void> {
  const { members, rounds } = await (await LocalClient.open(home)).coordinatorStatus();
  const siteOf = new Map(members.map(({ member, site }) => [member, site]));
  print(format, rounds, () => {
    const failed = rounds.flatMap(({ failure, round }) => {
      return failure === null ? [] : [`round ${round} failed: ${failure}`];
    });
    const lines = table(
      ['round', 'phase', 'sum of', 'coverage', 'attempts', 'clipped', 'votes', 'missing'],
      rounds.map(({ coverage, masked, missing, phase, round, updates, votes, withdrawals }) => [
        String(round),
        phase,
        masked === null
          ? `${updates.length} plain updates`
          : `${masked.survivors} of ${masked.participants}, masked`,
        coverageText(coverage),
        masked === null ? '–' : String(masked.attempts),
        masked === null ? '–' : `${(masked.clippedMicros / 1e4).toFixed(4)} %`,
        String(votes.length),
        missing
          .map((each) => {
            const why = withdrawals.find(({ member }) => member === each.member)?.text;
            const name = siteOf.get(each.member) ?? each.member;
            return `${name} (${missingText(each)}${why === undefined ? '' : `: ${why}`})`;
          })
          .join(', '),
      ]),
    );
    return [lines, ...failed].join('\n');
  });
}

function describe(round: number, { detail, holds, verified }: RoundVerification): string {
  if (!holds || verified === null) return `round ${round} does not hold: ${detail}`;
  const { aggregation, contributors, masksRemoved, missing, model, statistics } = verified;
  const sum =
    aggregation === 'masked'
      ? `a masked sum of ${contributors.length} members, ${masksRemoved} masks taken off, ` +
        `${verified.survivorSignatures} signatures certify the survivors`
      : `the sum of ${contributors.length} plain updates`;
  return [
    `round ${round} holds: version ${verified.version} (${model}) with ${verified.votes} votes`,
    `it is ${sum}`,
    ...(statistics === null
      ? []
      : [
          `examples ${statistics.examples}, loss ${(statistics.lossFirstMicros / 1e6).toFixed(3)} → ` +
            `${(statistics.lossLastMicros / 1e6).toFixed(3)}, ` +
            `clipped ${(statistics.clippedMicros / 1e4).toFixed(4)} % of the coordinates`,
        ]),
    missing.length === 0
      ? 'nobody was missing'
      : `missing: ${missing.map((each) => `${each.member.slice(0, 16)} (${missingText(each)})`).join(', ')}`,
  ].join('\n');
}
