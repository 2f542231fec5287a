import {
  limitPrivacy,
  type PrivacyChange,
  type PrivacySummary,
  readPrivacy,
} from '@starling/runtime';
import { Command, InvalidArgumentError, Option } from 'commander';
import { homeOption } from '../home.ts';
import { type Format, formatOption, print, table } from '../output.ts';

interface PrivacyOptions {
  readonly home: string;
  readonly format: Format;
}

interface SetOptions extends PrivacyOptions {
  readonly epsilon?: number | 'none';
  readonly delta?: number;
  readonly unit?: PrivacySummary['limit']['unit'];
}

/** Rounds that text shows; JSON has all. */
const ROUNDS_SHOWN = 20;

export function privacyCommand(): Command {
  const privacy = new Command('privacy')
    .description('What the rounds of a site showed of its data, and how much they may.')
    .addHelpText('after', '\nExample:\n  $ starling privacy --home ./north');
  privacy
    .command('show', { isDefault: true })
    .description('Limit, spent ε, every round, and what would be refused next.')
    .addOption(homeOption())
    .addOption(formatOption())
    .addHelpText('after', '\nExample:\n  $ starling privacy show --home ./north --format json')
    .action(async ({ home, format }: PrivacyOptions) => show(format, await readPrivacy(home)));
  privacy
    .command('set')
    .description('Limit ε over all rounds, from the next one on; works while the site runs.')
    .option('--epsilon <number>', 'largest ε, or "none" for no limit', epsilonOf)
    .option('--delta <number>', 'δ at which ε is told, above 0 and below 1', deltaOf)
    .addOption(new Option('--unit <unit>', 'what the limit protects').choices(['example', 'site']))
    .addOption(homeOption())
    .addOption(formatOption())
    .addHelpText('after', '\nExample:\n  $ starling privacy set --epsilon 8 --home ./north')
    .action(async (options: SetOptions, command: Command) => {
      const change = changeOf(options);
      if (Object.keys(change).length === 0) {
        command.error('error: nothing to set: give --epsilon, --delta or --unit');
      }
      show(options.format, await limitPrivacy(options.home, change));
    });
  return privacy;
}

function changeOf({ delta, epsilon, unit }: SetOptions): PrivacyChange {
  return {
    ...(delta === undefined ? {} : { delta }),
    ...(epsilon === undefined ? {} : { epsilonMax: epsilon === 'none' ? null : epsilon }),
    ...(unit === undefined ? {} : { unit }),
  };
}

function epsilonOf(text: string): number | 'none' {
  if (text === 'none') return text;
  const value = Number(text);
  if (text !== '' && value > 0 && Number.isFinite(value)) return value;
  throw new InvalidArgumentError('It must be a number above 0, or none.');
}

function deltaOf(text: string): number {
  const value = Number(text);
  if (value > 0 && value < 1) return value;
  throw new InvalidArgumentError('It must be a number above 0 and below 1, such as 1e-5.');
}

function show(format: Format, summary: PrivacySummary): void {
  print(format, summary, () => [...standing(summary), ...roundTable(summary)].join('\n'));
}

const UNITS = { example: 'one example', site: 'the site' } as const;

function standing({ limit, next, spent }: PrivacySummary): string[] {
  const units =
    limit.unit === 'example' ? (['example', 'site'] as const) : (['site', 'example'] as const);
  return [
    `limit        ${limitText(limit)}`,
    ...units.map((unit) => `spent        ${spentText(UNITS[unit], spent[unit])}`),
    ...nextTexts(next).map((text) => `next round   ${text}`),
  ];
}

function limitText({ delta, epsilonMax, unit }: PrivacySummary['limit']): string {
  if (epsilonMax === null) return `none: every round is taken (δ ${delta})`;
  return `ε ${epsilonMax} for ${UNITS[unit]}, δ ${delta}`;
}

function spentText(unit: string, spent: PrivacySummary['spent']['site']): string {
  const { epsilonClassic, epsilonTight, rounds, roundsWithoutBound } = spent;
  const bounded = `ε ${number(epsilonTight)} for ${unit} in ${count(rounds)} with noise for it (${number(epsilonClassic)} by the classic conversion)`;
  if (roundsWithoutBound === 0) return bounded;
  const unbounded = `${count(roundsWithoutBound)} without noise for ${unit}: no ε holds what they showed`;
  return rounds === 0 ? unbounded : `${bounded}; and ${unbounded}`;
}

function nextTexts(next: PrivacySummary['next']): string[] {
  const { likeTheLast, noiseMultiplierMin, roundsLikeTheLast, withoutNoise } = next;
  if (withoutNoise === null) return ['nothing would be refused'];
  const least =
    noiseMultiplierMin === null
      ? 'of all sites: refused with any noise'
      : `of all sites: refused below noise multiplier ${noiseMultiplierMin.toFixed(2)}`;
  if (roundsLikeTheLast === null) return ['without noise: refused', least];
  const last =
    likeTheLast === null ? `taken, ${roundsLikeTheLast} more fit` : `refused: ${likeTheLast}`;
  return ['without noise: refused', `like the last: ${last}`, least];
}

function roundTable({ rounds }: PrivacySummary): string[] {
  if (rounds.length === 0) return [];
  const header = ['round', 'noise', 'ε example', 'ε site'];
  const rows = rounds
    .slice(-ROUNDS_SHOWN)
    .map(({ epsilonAfter, round, sources }) => [
      String(round),
      sources.length === 0 ? 'none' : sources.map(sourceText).join(', '),
      number(epsilonAfter.example),
      number(epsilonAfter.site),
    ]);
  const hidden = rounds.length - rows.length;
  const before = hidden > 0 ? [`${count(hidden)} before these: --format json shows all`] : [];
  return ['', ...before, table(header, rows)];
}

function sourceText(source: PrivacySummary['rounds'][number]['sources'][number]): string {
  const { mechanism, noiseMultiplier, rate, steps } = source;
  const sampled = rate < 1 ? `, rate ${rate}` : '';
  return `${mechanism} ${noiseMultiplier}${sampled}${steps > 1 ? `, ${steps} steps` : ''}`;
}

function count(rounds: number): string {
  return rounds === 1 ? '1 round' : `${rounds} rounds`;
}

/** As `table` takes a missing number. */
function number(epsilon: number | null): string {
  return epsilon === null ? '–' : epsilon.toFixed(3);
}
