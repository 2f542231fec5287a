// The demo's report: everything in it was measured by the run.

import type { MetricSample } from '@starling/adapters';
import type { CoordinatorStatus } from '@starling/coordinator';
import { type EvaluationStage, fromMicros, type MemberId } from '@starling/shared';
import type { DemoCorpus } from '../corpus/demo-corpus.ts';
import type { LedgerView } from '../ledger-view.ts';
import { type ChainReport, chainReport, type SiteChain } from './chain-report.ts';
import type { SiteLearning } from './own-queries.ts';

export interface Metrics {
  readonly recallAt10: number;
  readonly mrr: number;
}

export type Stage = EvaluationStage | 'pooled';
export const STAGES: readonly Stage[] = ['before', 'alone', 'federated', 'pooled'];

/** One row of the table; a stage that a site did not reach is null. */
export interface SiteRow extends Record<Stage, Metrics | null> {
  readonly name: string;
  readonly queries: number;
  /** Epochs after which training alone was best. */
  readonly aloneEpochs: number | null;
}

export interface MissingLine {
  readonly round: number;
  readonly site: string;
  readonly reason: string;
  /** What the site said when it withdrew; null when it did not. */
  readonly why: string | null;
}

export interface DemoReport {
  readonly seed: number;
  readonly rounds: number;
  readonly sites: readonly SiteRow[];
  /** Means over the sites that have all four. */
  readonly average: Record<Stage, Metrics | null>;
  /** A resumed run counts bytes and messages since it was resumed. */
  readonly isResumed: boolean;
  /** Bytes handed to the channel by all processes, by kind. */
  readonly bytes: Readonly<Record<string, number>>;
  readonly messages: {
    readonly signed: number;
    readonly verified: number;
    readonly refused: Readonly<Record<string, number>>;
  };
  readonly balances: Readonly<Record<string, string>>;
  readonly ledger: { readonly signaturesVerified: number; readonly problems: readonly string[] };
  readonly phases: readonly { readonly name: string; readonly seconds: number }[];
  readonly corpus: {
    readonly source: string;
    readonly documents: number;
    readonly textBytes: number;
    readonly digest: string;
  };
  readonly missing: readonly MissingLine[];
  /** Processes that ended on their own; what they had counted is not in `bytes`. */
  readonly died: readonly string[];
  /** What masking came to over the rounds; null for a plain federation. */
  readonly masked: {
    readonly rounds: number;
    readonly attempts: number;
    /** Fewest survivors of a round, and the participants of that round. */
    readonly survivorsMin: number;
    readonly participants: number;
    /** Shares that open a secret. */
    readonly threshold: number;
    /** Largest share of coordinates that met the bound in a round. */
    readonly clippedFraction: number;
    /** Of the last round. */
    readonly certificateBytes: number;
    readonly transcriptBytes: number;
  } | null;
  readonly version: { readonly version: number; readonly model: string; readonly votes: number };
  /** What the members decided together; null when no chain opened. */
  readonly chain: ChainReport | null;
}

export interface ReportParts {
  readonly seed: number;
  readonly isResumed: boolean;
  readonly corpus: DemoCorpus;
  readonly status: CoordinatorStatus;
  readonly ledger: Pick<LedgerView, 'balances' | 'problems' | 'signaturesVerified'>;
  readonly samples: readonly MetricSample[];
  readonly pooled: ReadonlyMap<string, Metrics>;
  readonly phases: readonly { readonly name: string; readonly seconds: number }[];
  readonly died: readonly string[];
  readonly chains: readonly SiteChain[];
  readonly learning: readonly SiteLearning[];
}

export function buildReport(parts: ReportParts): DemoReport {
  const { corpus, ledger, samples, status } = parts;
  const sites = status.members
    .map((member) => siteRow(member, parts.pooled))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const last = status.rounds.findLast(({ phase }) => phase === 'final');
  const siteOf = new Map<MemberId, string>(status.members.map((m) => [m.member, m.site]));
  const documents = corpus.sites.flatMap((site) => site.documents);
  return {
    seed: parts.seed,
    rounds: status.roundsDone,
    sites,
    average: average(sites),
    isResumed: parts.isResumed,
    bytes: sumBy(samples, 'starling_bus_sent_bytes_total', 'kind'),
    messages: {
      signed: total(samples, 'starling_crypto_signatures_total'),
      ...judged(samples),
    },
    balances: Object.fromEntries(
      ledger.balances.map(({ account, site, balance }) => [site ?? account, balance]),
    ),
    ledger: { signaturesVerified: ledger.signaturesVerified, problems: ledger.problems },
    phases: parts.phases,
    corpus: {
      source: corpus.source,
      documents: documents.length,
      textBytes: documents.reduce(
        (sum, { query, answer }) => sum + Buffer.byteLength(query) + Buffer.byteLength(answer),
        0,
      ),
      digest: corpus.digest,
    },
    missing: status.rounds.flatMap(({ round, missing, withdrawals }) =>
      missing.map(({ member, reason }) => ({
        round,
        site: siteOf.get(member) ?? member,
        reason,
        why: withdrawals.find((each) => each.member === member)?.text ?? null,
      })),
    ),
    died: parts.died,
    masked: maskedOf(status),
    version: { version: status.version, model: status.model, votes: last?.votes.length ?? 0 },
    chain: chainReport(parts.chains, parts.learning),
  };
}

function maskedOf({ rounds }: CoordinatorStatus): DemoReport['masked'] {
  const masked = rounds.flatMap((round) => round.masked ?? []);
  const finals = rounds.filter(({ phase }) => phase === 'final').flatMap((r) => r.masked ?? []);
  const fewest = finals.toSorted((a, b) => a.survivors - b.survivors)[0];
  const last = finals.at(-1);
  if (fewest === undefined || last === undefined) return null;
  return {
    rounds: finals.length,
    attempts: masked.reduce((sum, { attempts }) => sum + attempts, 0),
    survivorsMin: fewest.survivors,
    participants: fewest.participants,
    threshold: last.threshold,
    clippedFraction: fromMicros(Math.max(...finals.map(({ clippedMicros }) => clippedMicros))),
    certificateBytes: last.certificateBytes,
    transcriptBytes: last.transcriptBytes,
  };
}

function siteRow(
  member: CoordinatorStatus['members'][number],
  pooled: ReadonlyMap<string, Metrics>,
): SiteRow {
  const found = new Map(member.evaluations.map((evaluation) => [evaluation.stage, evaluation]));
  const metrics = (stage: EvaluationStage): Metrics | null => {
    const evaluation = found.get(stage);
    if (evaluation === undefined) return null;
    return {
      recallAt10: fromMicros(evaluation.recallAt10Micros),
      mrr: fromMicros(evaluation.mrrMicros),
    };
  };
  return {
    name: member.site,
    queries: found.get('before')?.queries ?? 0,
    aloneEpochs: found.get('alone')?.epochs ?? null,
    before: metrics('before'),
    alone: metrics('alone'),
    federated: metrics('federated'),
    pooled: pooled.get(member.site) ?? null,
  };
}

function average(sites: readonly SiteRow[]): Record<Stage, Metrics | null> {
  const whole = sites.filter((site) => STAGES.every((stage) => site[stage] !== null));
  const mean = (stage: Stage): Metrics | null => {
    if (whole.length === 0) return null;
    const sum = (field: keyof Metrics) =>
      whole.reduce((total, site) => total + (site[stage]?.[field] ?? 0), 0) / whole.length;
    return { recallAt10: sum('recallAt10'), mrr: sum('mrr') };
  };
  return {
    before: mean('before'),
    alone: mean('alone'),
    federated: mean('federated'),
    pooled: mean('pooled'),
  };
}

function judged(samples: readonly MetricSample[]): Omit<DemoReport['messages'], 'signed'> {
  const refused: Record<string, number> = {};
  let verified = 0;
  for (const { name, labels, value } of samples) {
    if (!/^starling_(peer|coordinator)_messages_total$/.test(name)) continue;
    const outcome = labels['outcome'] ?? '';
    if (outcome === 'accepted') verified += value;
    else refused[outcome] = (refused[outcome] ?? 0) + value;
  }
  return { verified, refused };
}

function sumBy(samples: readonly MetricSample[], name: string, label: string) {
  const sums: Record<string, number> = {};
  for (const sample of samples) {
    if (sample.name !== name) continue;
    const key = sample.labels[label] ?? '';
    sums[key] = (sums[key] ?? 0) + sample.value;
  }
  return Object.fromEntries(Object.entries(sums).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function total(samples: readonly MetricSample[], name: string): number {
  return samples.reduce((sum, sample) => (sample.name === name ? sum + sample.value : sum), 0);
}
