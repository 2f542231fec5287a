// The page of a consensus simulation: what was asked, what came of it, what is around it.

import { faultTolerance, type Simulation } from '@starling/consensus';
import { type Figure, htmlPage } from '../chart/page.ts';

export interface ReportPage {
  readonly simulation: Simulation;
  readonly figures: readonly Figure[];
}

/** The page as text. */
export function reportPage({ figures, simulation }: ReportPage): string {
  const { spec } = simulation;
  return htmlPage(`Consensus simulated: ${spec.engine}, n = ${spec.n}, seed ${spec.seed}`, [
    { heading: 'What was asked', lines: specLines(simulation) },
    { heading: 'What came of it', lines: resultLines(simulation) },
    { heading: 'Around it', figures },
  ]);
}

/** What a simulation came to, as names and texts; the command prints the same. */
export function resultLines({ digest, spec, summary, unit }: Simulation): [string, string][] {
  const { bound, finality, undecided, violations } = summary;
  const count = (value: number) => Math.round(value).toLocaleString('en-US');
  const until = unit === 'rounds' ? 'rounds to finality' : 'milliseconds to finality';
  return [
    [
      until,
      finality === null
        ? 'no run ended in agreement'
        : `p50 ${count(finality.p50)}, p99 ${count(finality.p99)}, most ${count(finality.max)}`,
    ],
    ['violations', rateLine(violations)],
    [
      'analytic bound',
      bound === null
        ? noBound(spec)
        : `${bound.perRound.toExponential(1)} a round, ${bound.overall.toExponential(1)} in all`,
    ],
    ['undecided', rateLine(undecided)],
    ['polls a run', count(summary.polls)],
    ['messages a run', count(summary.messages)],
    ['bytes a run', count(summary.bytes)],
    ['digest', digest],
  ];
}

function noBound({ engine, n }: Simulation['spec']): string {
  if (engine === 'snow') return 'none: it holds for equal weights in lock-step rounds';
  return `0 while at most F = ${faultTolerance(n)} of ${n} members lie, whatever the network does`;
}

function rateLine({ high, low, runs, seen, text }: Simulation['summary']['violations']): string {
  if (seen === 0) return `${text} (none in ${runs.toLocaleString('en-US')} runs)`;
  const percent = (share: number) => `${(share * 100).toPrecision(3)}%`;
  return `${text} (${seen} of ${runs.toLocaleString('en-US')}; 95 %: ${percent(low)} to ${percent(high)})`;
}

function specLines({ spec }: Simulation): [string, string][] {
  return Object.entries(spec)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => [name, typeof value === 'object' ? JSON.stringify(value) : `${value}`]);
}
