import {
  listStoredTrainings,
  TRAININGS_KEPT_MAX,
  type UpdateVerification,
  verifyStoredUpdate,
} from '@starling/runtime';
import { Command } from 'commander';
import { EXIT } from '../exit-codes.ts';
import { homeOption } from '../home.ts';
import { type Format, formatOption, print, table } from '../output.ts';
import { wholeNumber } from '../whole-number.ts';

interface UpdateOptions {
  readonly home: string;
  readonly format: Format;
}

const ROUND_MAX = 1_000_000;

export function updateCommand(end: (code: number) => void): Command {
  const update = new Command('update')
    .description("A site's own updates: what it committed to, and whether that holds.")
    .addHelpText('after', '\nExample:\n  $ starling update verify 3 --home ./north');
  update
    .command('list')
    .description(`The rounds whose updates can be trained again: the newest ${TRAININGS_KEPT_MAX}.`)
    .addOption(homeOption())
    .addOption(formatOption())
    .addHelpText('after', '\nExample:\n  $ starling update list --home ./north')
    .action(listUpdates);
  update
    .command('verify')
    .description("Train a site's update of a round again, against what it committed to.")
    .argument('<round>', 'number of the round', wholeNumber(1, ROUND_MAX))
    .addOption(homeOption())
    .option(
      '--commitment <digest>',
      'what the coordinator holds of this site (round list --format json)',
    )
    .addOption(formatOption())
    .addHelpText('after', '\nExample:\n  $ starling update verify 3 --home ./north')
    .action(async (round: number, options: UpdateOptions & { readonly commitment?: string }) => {
      const { commitment: expected, format, home } = options;
      const { signal } = new AbortController();
      const found = await verifyStoredUpdate(home, round, { expected, signal });
      if (!found.holds) end(EXIT.checksFailed);
      print(format, found, () => describe(found, expected));
    });
  return update;
}

async function listUpdates({ home, format }: UpdateOptions): Promise<void> {
  const trainings = await listStoredTrainings(home);
  print(format, trainings, () =>
    table(
      ['round', 'from version', 'examples', 'engine', 'commitment'],
      trainings.map(({ baseVersion, commitment, engine, examples, round }) => [
        String(round),
        String(baseVersion),
        String(examples),
        engine,
        commitment,
      ]),
    ),
  );
}

function describe(found: UpdateVerification, expected: string | undefined): string {
  const { base, committed, data, detail, engine, engineHere, recomputed, seed } = found;
  const state = found.holds ? 'holds' : 'does NOT hold';
  const shown = (digest: string) => digest.slice(0, 16);
  const source = expected === undefined ? "the site's own record" : 'as you gave it';
  const lines = [
    `the update of round ${found.round} ${state}: ${found.verdict} (${detail})`,
    `commitment   ${found.commitment} (${source})`,
    `trained on   ${data.documents} documents (${shown(data.digest)}), seed ${seed}`,
    `from         version ${base.version} (${shown(base.root)}), plan ${shown(found.plan)}`,
    `engine       ${describeEngine(engine)}; here ${describeEngine(engineHere)}`,
    `committed    ${describeOutcome(committed)}`,
  ];
  if (recomputed !== null) lines.push(`again        ${describeOutcome(recomputed)}`);
  if (found.differences === null) return lines.join('\n');
  const { coordinates, elements, maxAbsolute, relativeNorm, tolerance } = found.differences;
  const apart = `${coordinates} of ${elements} coordinates, at most ${maxAbsolute.toExponential(2)}`;
  const share = `${relativeNorm.toExponential(2)} of the update's norm (tolerance ${tolerance})`;
  return [...lines, `differences  ${apart}; together ${share}`].join('\n');
}

function describeEngine({ name, threads, version }: UpdateVerification['engine']): string {
  return `${name} ${version}${threads === 1 ? '' : `, ${threads} threads`}`;
}

function describeOutcome(outcome: UpdateVerification['committed']): string {
  const { clipped, delta, examples, lossFirstMicros, lossLastMicros } = outcome;
  const losses = `${(lossFirstMicros / 1e6).toFixed(6)} → ${(lossLastMicros / 1e6).toFixed(6)}`;
  const whether = clipped ? 'clipped' : 'not clipped';
  return `${delta.slice(0, 16)}, ${examples} examples, loss ${losses}, ${whether}`;
}
