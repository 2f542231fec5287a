// The report of a run of an app: curves of every metric, who took part, settings, failures.

import type { ConfigRecord, MetricRecord } from '@starling/shared';
import { linearAxis } from '../chart/axis.ts';
import { drawChart, type Point, type Series } from '../chart/chart.ts';
import { type Figure, htmlPage } from '../chart/page.ts';
import { NETWORK_REASONS } from './round-exchange.ts';
import type { AppSimulation, RoundRecord } from './simulation-record.ts';

export interface AppReport {
  readonly app: string;
  readonly runConfig: ConfigRecord;
  readonly simulation: Pick<AppSimulation, 'nodes' | 'rounds' | 'seed' | 'strategy'>;
  /** SHA3-256 over the final arrays. */
  readonly digest?: string;
}

/** Where a metric comes from, as the legend calls it. */
const SOURCES = [
  ['server', 'at the server'],
  ['evaluate', 'at the nodes'],
  ['train', 'while training'],
] as const;

/** Metrics that count instead of measuring. */
const COUNTS = new Set(['num-examples', 'refusedReplies', 'local-steps', 'local-accumulation']);
/** Names of metrics that the page draws; more are in the CSV. */
const CHARTS_MAX = 24;
const FAILURES_SHOWN_MAX = 50;
/** A simulated network's failures stand in the chart of nodes only. */
const NETWORK: ReadonlySet<string> = new Set(Object.values(NETWORK_REASONS));

/** The report as one self-contained page. */
export function appReport({ app, digest, runConfig, simulation }: AppReport): string {
  const { nodes, rounds, seed, strategy } = simulation;
  const name = String(strategy['strategy'] ?? 'a strategy');
  const failures = rounds.flatMap(({ failures: own, refused, round }) =>
    [...own.filter(({ reason }) => !NETWORK.has(reason)), ...refused].map(
      ({ node, reason }): [string, string] => {
        return [`round ${round}, ${node}`, reason];
      },
    ),
  );
  return htmlPage(`${app}: ${name} on ${nodes.toLocaleString('en-US')} nodes, seed ${seed}`, [
    { heading: 'What came of it', lines: outcomeLines(simulation, digest) },
    { heading: 'Round by round', figures: figuresOf(rounds) },
    { heading: 'Strategy', lines: linesOf(strategy) },
    { heading: 'Run config', lines: linesOf(runConfig) },
    ...(failures.length === 0
      ? []
      : [{ heading: 'What did not count', lines: failures.slice(0, FAILURES_SHOWN_MAX) }]),
  ]);
}

/** The last round's metrics and the sums over all rounds; the command prints the same. */
export function outcomeLines(
  { nodes, rounds }: Pick<AppSimulation, 'nodes' | 'rounds'>,
  digest?: string,
): [string, string][] {
  const last = rounds.at(-1);
  const sum = (of: 'answered' | 'failed') => rounds.reduce((total, round) => total + round[of], 0);
  const count = (value: number) => Math.round(value).toLocaleString('en-US');
  const metrics = SOURCES.flatMap(([source, where]) =>
    numbersOf(last?.[source] ?? {}).map(([name, value]): [string, string] => {
      return [`${name} ${where}`, value.toPrecision(5)];
    }),
  );
  return [
    ['rounds', count(last?.round ?? 0)],
    ['nodes', count(nodes)],
    ['updates', `${count(sum('answered'))}, ${count(sum('failed'))} failed`],
    ...((last?.virtualMs ?? 0) > 0
      ? [['virtual time', `${count((last?.virtualMs ?? 0) / 1000)} s`] as [string, string]]
      : []),
    ...metrics,
    ...(digest === undefined ? [] : [['model', digest] as [string, string]]),
  ];
}

function figuresOf(rounds: readonly RoundRecord[]): Figure[] {
  const names = new Set<string>();
  for (const round of rounds) {
    for (const [source] of SOURCES) for (const [name] of numbersOf(round[source])) names.add(name);
  }
  const drawn = [...names].slice(0, CHARTS_MAX);
  const charts = drawn.map((name) => metricFigure(name, rounds, 'round'));
  const [first] = drawn.filter((name) => name !== 'loss');
  const hasTime = (rounds.at(-1)?.virtualMs ?? 0) > 0;
  if (first !== undefined && hasTime) charts.push(metricFigure(first, rounds, 'virtual seconds'));
  return [...charts, nodesFigure(rounds)].filter((figure) => figure !== undefined);
}

function metricFigure(
  name: string,
  rounds: readonly RoundRecord[],
  along: 'round' | 'virtual seconds',
): Figure | undefined {
  const placeOf = (round: RoundRecord) =>
    along === 'round' ? round.round : round.virtualMs / 1000;
  const series = SOURCES.map(([source, where]): Series => {
    const points = rounds.flatMap((round): Point[] => {
      const value = round[source][name];
      return typeof value === 'number' && Number.isFinite(value)
        ? [{ x: placeOf(round), y: value }]
        : [];
    });
    return { name: where, points, line: 'whole', hasMarkers: points.length <= 40 };
  }).filter(({ points }) => points.length > 0);
  const says = `${name} by ${along}: ${series.map((one) => one.name).join(', ')}.`;
  return chartOf(`${name} by ${along}`, { says, x: along, y: name, series });
}

function nodesFigure(rounds: readonly RoundRecord[]): Figure | undefined {
  const asked = rounds.filter((round) => round.asked > 0);
  const series = (['answered', 'failed'] as const).map((name): Series => {
    const points = asked.map((round) => ({ x: round.round, y: round[name] }));
    return { name, points, line: 'whole', hasMarkers: points.length <= 40 };
  });
  const says = 'Nodes that answered in training, and nodes that failed, dropped out or came late.';
  return chartOf('Nodes by round', { says, x: 'round', y: 'nodes', series });
}

function chartOf(
  title: string,
  { says, series, x, y }: { says: string; x: string; y: string; series: readonly Series[] },
): Figure | undefined {
  const points = series.flatMap((one) => one.points);
  if (points.length === 0) return undefined;
  const low = points.reduce((least, point) => Math.min(least, point.y), 0);
  const high = points.reduce((most, point) => Math.max(most, point.y), 0);
  const far = points.reduce((most, point) => Math.max(most, point.x), 0);
  const svg = drawChart({
    ...{ title, subtitle: '', series },
    x: linearAxis(x, 0, far),
    y: linearAxis(y, low * 1.05, high * 1.05),
  });
  return { says, svg };
}

function numbersOf(metrics: MetricRecord): [string, number][] {
  return Object.entries(metrics).flatMap(([name, value]): [string, number][] =>
    typeof value === 'number' && !COUNTS.has(name) ? [[name, value]] : [],
  );
}

function linesOf(record: Readonly<Record<string, unknown>>): [string, string][] {
  return Object.entries(record).map(([name, value]) => [name, String(value)]);
}
