// What the members decided together, as the demo's report tells it.

import type { ChainReport, FinalityLine, PatternLine } from '@starling/runtime';
import { table } from './output.ts';

export function chainSummary(chain: ChainReport | null): string[] {
  if (chain === null) return ['no chain opened: nothing was decided together'];
  const { agreement, collection, contradictions, epoch, height, quorum, tolerance } = chain;
  const differ =
    agreement.conflicts.length === 0
      ? `${agreement.sites.length} sites hold the same blocks`
      : `THE SITES DIFFER: ${agreement.conflicts.join('; ')}`;
  return [
    `Decided together: chain of "${collection}", ${height} blocks in epoch ${epoch}, ${differ}`,
    `${quorum} votes decide; ${tolerance}; ${contradictions} contradictions on record`,
    `state root ${chain.stateRoot ?? 'none'}`,
    ...modelLines(chain),
    '',
    ...patternLines(chain),
  ];
}

function modelLines({ models }: ChainReport): string[] {
  if (models.length === 0) return ['no model version is in the chain'];
  const rows = models.map((model) => [model.what, ...finalityCells(model)]);
  return [table(['model version', ...FINALITY], rows)];
}

function patternLines({ learning, patterns }: ChainReport): string[] {
  const finals = patterns.filter(({ status }) => status === 'final' || status === 'superseded');
  const header = ['pattern', 'by', 'status', 'efSearch', 'recall bound', 'yes/no/abstain'];
  const rows = patterns.map((pattern) => [
    pattern.id.slice(0, 8),
    pattern.by,
    pattern.status,
    String(pattern.efSearch),
    pattern.recallBound === null ? '–' : pattern.recallBound.toFixed(3),
    verdictsOf(pattern),
    ...(pattern.final === null ? FINALITY.map(() => '–') : finalityCells(pattern.final)),
  ]);
  const asked = learning.reduce((sum, each) => sum + each.asked, 0);
  const learned = learning.reduce((sum, each) => sum + each.learned, 0);
  const reasons = Map.groupBy(
    learning.flatMap((each) => each.reasons),
    (reason) => reason,
  );
  return [
    `${asked} searches of the sites' own queries gave ${learned} patterns, ` +
      `${patterns.length} were proposed, ${finals.length} are final`,
    ...(finals.length === 0 ? [noneFinal(patterns)] : []),
    ...[...reasons].map(([reason, sites]) => `  ${reason} (${sites.length} sites)`),
    ...(rows.length === 0 ? [] : [table([...header, ...FINALITY], rows)]),
  ];
}

const FINALITY = ['height', 'final by', 'signers', 'bytes', 'ms'];

function finalityCells({ poll, signers, ...line }: FinalityLine): string[] {
  const polled = poll === null ? '' : `, poll of ${poll.rounds} × ${poll.k}`;
  return [
    String(line.height),
    `${line.finality}${polled}`,
    signers.join(' '),
    line.certificateBytes.toLocaleString('en-US'),
    line.undecidedMs === null ? '–' : String(Math.round(line.undecidedMs)),
  ];
}

function verdictsOf({ verdicts }: PatternLine): string {
  return `${verdicts.accepts}/${verdicts.rejects}/${verdicts.abstains}`;
}

/** In numbers: how the members received what was proposed. */
function noneFinal(patterns: readonly PatternLine[]): string {
  const sum = (pick: (line: PatternLine) => number) =>
    patterns.reduce((total, line) => total + pick(line), 0);
  return (
    'no pattern became final in this run' +
    (patterns.length === 0
      ? ''
      : `: ${sum((line) => line.verdicts.accepts)} accepts, ` +
        `${sum((line) => line.verdicts.rejects)} rejects, ` +
        `${sum((line) => line.verdicts.abstains)} abstentions of sites with too few queries there`)
  );
}
