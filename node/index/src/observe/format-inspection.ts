import type { Distribution } from './distribution.ts';
import type { Finding } from './finding.ts';
import type { IndexStatistics, Inspection } from './inspection.ts';

/** An inspection as lines for a terminal: findings first, then the numbers. */
export function formatInspection({ findings, statistics }: Inspection): string[] {
  const heading = findings.length === 0 ? ['no findings'] : findings.flatMap(formatFinding);
  return [...heading, '', ...formatStatistics(statistics)];
}

function formatFinding({ advice, evidence, name, sampleIds, severity }: Finding): string[] {
  const numbers = Object.entries(evidence).map(([what, value]) => `${what} ${short(value)}`);
  const rows = sampleIds.length > 0 ? [`  rows ${sampleIds.join(', ')}`] : [];
  return [`${severity}: ${name}`, `  ${numbers.join(', ')}`, ...rows, `  ${advice}`];
}

function formatStatistics(statistics: IndexStatistics): string[] {
  const { deadRows, expandedShare, links, linksToDead, memoryBytes, recall } = statistics;
  const { rows, rowsPerLayer, searchDistances, searches, unreachableRows } = statistics;
  const lines: [string, string][] = [
    ['rows', `${rows} live, ${deadRows} dead, ${unreachableRows} unreachable`],
    ['layers', rowsPerLayer.join(' ')],
    ['links', `${links} on the base layer, ${linksToDead} more to dead rows`],
    ['degree', formatDistribution(statistics.degree)],
    ['in-degree', formatDistribution(statistics.inDegree)],
    ['hops', formatDistribution(statistics.hops)],
  ];
  if (memoryBytes !== undefined) lines.push(['memory', `${memoryBytes} bytes`]);
  if (searches > 0) {
    lines.push(['searches', `${searches}`]);
    lines.push(['distances', formatDistribution(searchDistances)]);
  }
  if (expandedShare !== undefined) lines.push(['expanded', `${short(expandedShare)} of the rows`]);
  if (recall !== undefined) {
    const { lower, mean, queries, upper } = recall;
    const interval = `${short(lower)} to ${short(upper)}`;
    lines.push(['recall', `${short(mean)} (${interval} at 95 %, ${queries} queries)`]);
  }
  const width = Math.max(...lines.map(([name]) => name.length));
  return lines.map(([name, text]) => `${name.padEnd(width)}  ${text}`);
}

function formatDistribution({ max, mean, min, p50, p95 }: Distribution): string {
  const parts = { mean, min, p50, p95, max };
  return Object.entries(parts)
    .map(([name, value]) => `${name} ${short(value)}`)
    .join(', ');
}

function short(value: number): string {
  return Number.isInteger(value) ? `${value}` : `${Number(value.toPrecision(3))}`;
}
