// A report as one HTML file: no script, no request, readable by day and by night.

import { faultTolerance, type Simulation } from '@starling/consensus';
import { escaped } from '../chart/svg.ts';
import type { Figure } from './sweep.ts';

export interface ReportPage {
  readonly simulation: Simulation;
  readonly figures: readonly Figure[];
}

const STYLE = `
:root{color-scheme:light dark;--page:#fff;--ink:#1b1f24;--soft:#57606a;--line:#d5dae0}
@media(prefers-color-scheme:dark){:root{--page:#14171b;--ink:#e6e9ed;--soft:#a5adb7;--line:#2b3138}}
body{margin:2rem auto;max-width:1000px;padding:0 1rem;background:var(--page);color:var(--ink);
font:15px/1.5 system-ui,sans-serif}
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}
table{border-collapse:collapse}td,th{padding:.2rem .9rem .2rem 0;text-align:left;vertical-align:top;
border-bottom:1px solid var(--line)}th{font-weight:500;color:var(--soft);white-space:nowrap}
figure{margin:2rem 0}figure svg{width:100%;height:auto}figcaption{color:var(--soft)}
code{overflow-wrap:anywhere}`;

/** The page as text. */
export function reportPage({ figures, simulation }: ReportPage): string {
  const { spec } = simulation;
  const title = `Consensus simulated: ${spec.engine}, n = ${spec.n}, seed ${spec.seed}`;
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escaped(title)}</title>`,
    `<style>${STYLE}</style></head>`,
    '<body>',
    `<h1>${escaped(title)}</h1>`,
    '<h2>What was asked</h2>',
    rows(specLines(simulation)),
    '<h2>What came of it</h2>',
    rows(resultLines(simulation)),
    '<h2>Around it</h2>',
    ...figures.map(
      ({ says, svg }) => `<figure>${svg}<figcaption>${escaped(says)}</figcaption></figure>`,
    ),
    '</body></html>',
    '',
  ].join('\n');
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

function rows(lines: readonly (readonly [string, string])[]): string {
  const cells = lines.map(
    ([name, value]) =>
      `<tr><th scope="row">${escaped(name)}</th><td><code>${escaped(value)}</code></td></tr>`,
  );
  return `<table>${cells.join('')}</table>`;
}
