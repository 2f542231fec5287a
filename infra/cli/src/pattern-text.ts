// Patterns as people read them.

import type { LearnView, PatternsView, PatternView, SiteNames } from '@starling/runtime';
import { describeFinality } from './chain-text.ts';
import { table } from './output.ts';

const HEADINGS = [
  'pattern',
  'status',
  'height',
  'recall bound',
  'k',
  'efSearch',
  'queries',
  'accept',
  'reject',
  'abstain',
  'by',
  'used',
];

export function listPatterns({ patterns, sites }: PatternsView): string {
  if (patterns.length === 0) {
    return 'no pattern is known: sites learn them from queries, see "starling patterns learn"';
  }
  const rows = patterns.map((pattern) => [
    pattern.id.slice(0, 16),
    pattern.status,
    pattern.decision === null ? '–' : String(pattern.decision.height),
    boundText(pattern),
    String(pattern.k),
    String(pattern.efSearch),
    String(pattern.queries),
    ...verdictCells(pattern),
    nameOf(pattern.author, sites),
    pattern.veto === null ? (pattern.isUsed ? 'yes' : 'no') : 'vetoed',
  ]);
  return table(HEADINGS, rows);
}

export function describePattern(pattern: PatternView, sites: SiteNames): string {
  const { attestations, author, decision, id, veto } = pattern;
  const expected = (pattern.expectedRecallMicros / 1e6).toFixed(3);
  return [
    `pattern      ${id}`,
    `by           ${nameOf(author, sites)}, learned from ${pattern.queries} queries`,
    `status       ${pattern.status}${usedText(pattern)}`,
    `asks for     efSearch ${pattern.efSearch} for up to ${pattern.k} hits, ` +
      `${pattern.cost} distance computations per query`,
    `recall       at least ${expected} as proposed, ${boundText(pattern)} certified`,
    `measured     ${verdictsText(pattern)}`,
    `radius       ${pattern.radius} (squared, quantised)`,
    `parents      ${idsText(pattern.parents)}`,
    `supersedes   ${idsText(pattern.supersedes)}`,
    ...(pattern.supersededBy === null
      ? []
      : [`superseded   by ${pattern.supersededBy.slice(0, 16)}`]),
    ...(veto === null
      ? []
      : [`veto         by ${veto.by}: ${veto.reason} (${new Date(veto.sinceMs).toISOString()})`]),
    `decided      ${decision === null ? 'not yet' : describeFinality(decision, sites)}`,
    ...(attestations.length === 0 ? [] : ['', attestationTable(pattern, sites)]),
  ].join('\n');
}

export function describeLearning({ learned, proposed, queries, reasons }: LearnView): string {
  return [
    `${queries} queries gave ${learned} ${learned === 1 ? 'pattern' : 'patterns'}, ` +
      `${proposed.length} proposed`,
    ...proposed.map((id) => `  ${id}`),
    ...reasons.map((reason) => `  ${reason}`),
  ].join('\n');
}

function attestationTable({ attestations }: PatternView, sites: SiteNames): string {
  const header = ['measured by', 'verdict', 'queries', 'recall', 'lower bound', 'cost ratio'];
  const rows = attestations.map(({ member, queries, verdict, ...measured }) => {
    // Who abstains measured nothing.
    const micros = (value: number) => (verdict === 'abstain' ? '–' : (value / 1e6).toFixed(3));
    const { costRatioMicros, recallBoundMicros, recallMicros } = measured;
    const figures = [recallMicros, recallBoundMicros, costRatioMicros].map(micros);
    return [nameOf(member, sites), verdict, String(queries), ...figures];
  });
  return table(header, rows);
}

function verdictCells({ verdicts }: PatternView): string[] {
  return [verdicts.accepts, verdicts.rejects, verdicts.abstains].map(String);
}

function verdictsText({ verdicts }: PatternView): string {
  const { abstains, accepts, rejects } = verdicts;
  return `${accepts} accept, ${rejects} reject, ${abstains} abstain`;
}

function boundText({ boundMicros }: PatternView): string {
  return boundMicros === null ? '–' : (boundMicros / 1e6).toFixed(3);
}

function usedText({ isUsed, veto }: PatternView): string {
  if (veto !== null) return ', vetoed at this site';
  return isUsed ? ', searches of this site follow it' : '';
}

function idsText(ids: readonly string[]): string {
  return ids.length === 0 ? 'none' : ids.map((id) => id.slice(0, 16)).join(', ');
}

function nameOf(member: PatternView['author'], sites: SiteNames): string {
  return sites[member] ?? member.slice(0, 16);
}
