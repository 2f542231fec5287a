// What the demo's report says of the chain: versions and patterns, and how each became final.

import type { ChainDecision } from '@starling/peer';
import { fromMicros, type MemberId } from '@starling/shared';
import { agreementOf } from '../chain-agreement.ts';
import type {
  ConsensusView,
  PatternStatus,
  PatternsView,
  PatternView,
  SiteNames,
} from '../chain-view.ts';
import type { SiteLearning } from './own-queries.ts';

/** How something became final. */
export interface FinalityLine {
  readonly height: number;
  readonly finality: ChainDecision['finality'];
  /** Names of the sites whose signatures certify it. */
  readonly signers: readonly string[];
  readonly certificateBytes: number;
  /** From the first sight to the decision, where the asked site saw both. */
  readonly undecidedMs: number | null;
  readonly poll: { readonly rounds: number; readonly k: number } | null;
}

export interface PatternLine {
  readonly id: string;
  readonly by: string;
  readonly status: PatternStatus;
  readonly efSearch: number;
  readonly k: number;
  readonly queries: number;
  readonly expectedRecall: number;
  /** Certified lower bound of recall. */
  readonly recallBound: number | null;
  readonly verdicts: PatternView['verdicts'];
  readonly final: FinalityLine | null;
}

export interface ChainReport {
  readonly collection: string;
  readonly epoch: number;
  readonly height: number;
  readonly stateRoot: string | null;
  readonly members: number;
  readonly quorum: number;
  readonly tolerance: string;
  /** Sites whose logs were compared, and what differs between them. */
  readonly agreement: { readonly sites: readonly string[]; readonly conflicts: readonly string[] };
  /** Members that contradicted themselves. */
  readonly contradictions: number;
  readonly models: readonly (FinalityLine & { readonly what: string })[];
  readonly patterns: readonly PatternLine[];
  readonly learning: readonly SiteLearning[];
}

/** The same site's views of everything. */
export interface SiteChain {
  readonly site: string;
  readonly consensus: ConsensusView;
  readonly patterns: PatternsView;
}

/** Null when no site could be asked, or no chain has opened. */
export function chainReport(
  chains: readonly SiteChain[],
  learning: readonly SiteLearning[],
): ChainReport | null {
  const [fullest] = chains.toSorted((a, b) => heightOf(b) - heightOf(a));
  if (fullest === undefined || fullest.consensus.status.standing === 'waiting') return null;
  const { decisions, evidence, sites, status } = fullest.consensus;
  const logs = new Map(chains.map(({ consensus, site }) => [site, consensus.decisions]));
  return {
    collection: status.collection,
    epoch: status.epoch,
    height: status.height,
    stateRoot: status.stateRoot,
    members: status.members.length,
    quorum: status.quorum,
    tolerance: status.tolerance,
    agreement: { sites: [...logs.keys()], conflicts: agreementOf(logs).conflicts },
    contradictions: evidence.length,
    models: decisions.flatMap((decision) =>
      decision.entries
        .filter(({ kind }) => kind === 'model')
        .map(({ summary }) => ({ what: summary, ...finalityLine(decision, sites) })),
    ),
    patterns: fullest.patterns.patterns.map((pattern) => patternLine(pattern, sites)),
    learning,
  };
}

function patternLine(pattern: PatternView, sites: SiteNames): PatternLine {
  const { author, boundMicros, decision, efSearch, id, k, queries, status, verdicts } = pattern;
  return {
    id,
    by: nameOf(author, sites),
    status,
    efSearch,
    k,
    queries,
    expectedRecall: fromMicros(pattern.expectedRecallMicros),
    recallBound: boundMicros === null ? null : fromMicros(boundMicros),
    verdicts,
    final: decision === null ? null : finalityLine(decision, sites),
  };
}

function finalityLine(decision: Omit<ChainDecision, 'entries'>, sites: SiteNames): FinalityLine {
  const { certificateBytes, finality, height, poll, signers, undecidedMs } = decision;
  return {
    height,
    finality,
    signers: signers.map((member) => nameOf(member, sites)),
    certificateBytes,
    undecidedMs,
    poll: poll === null ? null : { rounds: poll.rounds, k: poll.k },
  };
}

function heightOf({ consensus }: SiteChain): number {
  return consensus.status.height;
}

function nameOf(member: MemberId, sites: SiteNames): string {
  return sites[member] ?? member;
}
