// The demo's report as people read it.

import { type DemoReport, type Metrics, STAGES } from '@starling/runtime';
import { chainSummary } from './demo-chain-summary.ts';
import { table } from './output.ts';

const HEADINGS = ['site', 'queries', ...STAGES.flatMap((stage) => [`${stage} R@10`, 'MRR'])];

export function demoSummary(report: DemoReport): string {
  const { average, corpus, messages, version } = report;
  return [
    '',
    'Retrieval on held-out queries (recall@10 and mean reciprocal rank)',
    retrieval(report),
    `alone: best after ${aloneEpochs(report)} epochs, stopped early on each site's validation split`,
    verdict(average.alone, average.federated),
    '',
    `Sent, in bytes, by all processes${report.isResumed ? ' since the run was resumed' : ''}`,
    table(
      ['kind', 'bytes'],
      Object.entries(report.bytes).map(([kind, n]) => [kind, thousands(n)]),
    ),
    `stayed at the sites: ${thousands(corpus.documents)} documents ` +
      `(${thousands(corpus.textBytes)} bytes of text), their queries, splits and indexes; ` +
      `no message kind above carries them${proposedLine(report)}`,
    '',
    `messages: ${thousands(messages.signed)} signed, ${thousands(messages.verified)} accepted, ` +
      `refused: ${refusedLine(messages.refused)}`,
    `version ${version.version} (${version.model.slice(0, 16)}) is final with ${version.votes} votes`,
    missingLine(report),
    maskedLine(report),
    '',
    ...chainSummary(report.chain),
    '',
    'Balances, in whole units',
    table(['account', 'balance'], Object.entries(report.balances)),
    `ledger: ${report.ledger.signaturesVerified} signatures verified, ` +
      (report.ledger.problems.length === 0
        ? 'the books balance'
        : report.ledger.problems.join('; ')),
    '',
    `time: ${report.phases.map(({ name, seconds }) => `${name} ${seconds.toFixed(1)} s`).join(', ')}` +
      ' (pooled runs beside the others)',
  ].join('\n');
}

function retrieval(report: DemoReport): string {
  const rows = report.sites.map((site) => [
    site.name,
    String(site.queries),
    ...STAGES.flatMap((stage) => cells(site[stage])),
  ]);
  const queries = report.sites.reduce((sum, site) => sum + site.queries, 0);
  const mean = ['average', String(queries), ...STAGES.flatMap((s) => cells(report.average[s]))];
  return table(HEADINGS, [...rows, mean]);
}

function verdict(alone: Metrics | null, federated: Metrics | null): string {
  if (alone === null || federated === null) return 'not every site reached every stage';
  const recall = federated.recallAt10 - alone.recallAt10;
  const mrr = federated.mrr - alone.mrr;
  return `federated against alone: recall@10 ${signed(recall)}, MRR ${signed(mrr)}`;
}

function proposedLine({ chain }: DemoReport): string {
  const count = chain?.patterns.length ?? 0;
  if (count === 0) return '';
  return `; ${count} proposed patterns in gossip:consensus carry a centroid of 50 or more queries`;
}

function missingLine({ missing, died }: DemoReport): string {
  if (missing.length === 0 && died.length === 0) return 'no site was missing in any round';
  const byReason = missing.map(
    ({ round, site, reason, why }) => `${site} in round ${round} (${why ?? reason})`,
  );
  const shown = byReason.slice(0, 6).join(', ');
  const more = byReason.length > 6 ? ` and ${byReason.length - 6} more` : '';
  return `missing: ${shown === '' ? 'none' : shown}${more}; died: ${died.join(', ') || 'none'}`;
}

function maskedLine({ masked }: DemoReport): string {
  if (masked === null) return 'updates were added plainly: voters could read each one';
  const share = (100 * masked.clippedFraction).toFixed(4);
  return (
    `masked rounds: ${masked.rounds} in ${masked.attempts} attempts, at least ` +
    `${masked.survivorsMin} of ${masked.participants} survivors, ${masked.threshold} shares open a ` +
    `mask; clipped at most ${share} % of the coordinates; certificate of the survivors ` +
    `${thousands(masked.certificateBytes)} bytes, transcript ${thousands(masked.transcriptBytes)}`
  );
}

function aloneEpochs({ sites }: DemoReport): string {
  return sites.map(({ aloneEpochs }) => aloneEpochs ?? '–').join(', ');
}

function refusedLine(refused: Readonly<Record<string, number>>): string {
  const entries = Object.entries(refused);
  if (entries.length === 0) return 'none';
  return entries.map(([reason, n]) => `${thousands(n)} ${reason}`).join(', ');
}

function cells(metrics: Metrics | null): string[] {
  return metrics === null ? ['–', '–'] : [metrics.recallAt10.toFixed(3), metrics.mrr.toFixed(3)];
}

function signed(value: number): string {
  return `${value >= 0 ? '+' : ''}${value.toFixed(3)}`;
}

function thousands(value: number): string {
  return value.toLocaleString('en-US');
}
