// A site's report from what is the case now; coarse where a series of exact figures would tell more
// than the figure.

import {
  DOCUMENTS_ROUNDED_TO,
  MICROS,
  PROGRESS_STEP_MICROS,
  type SiteReport,
  type SiteState,
  toMicros,
} from '@starling/shared';
import type { FitProgress } from '@starling/training';
import type { PatternsStatus } from '../patterns/patterns-status.ts';
import type { PrivacyLimit } from '../privacy-limit.ts';
import type { UnitSummary } from '../privacy-summary.ts';
import type { ReportOptions } from './report-options.ts';

const PICOS = 1e12;

export interface SiteFacts {
  readonly documents: number;
  /** The coordinator's latest status lists this site. */
  readonly isRegistered: boolean;
  /** It may be selected. */
  readonly isConfigured: boolean;
  readonly training: FitProgress | 'starting' | undefined;
  /** Sorted by member. */
  readonly peers: NonNullable<SiteReport['peers']>;
  readonly patterns: Pick<PatternsStatus, 'asked' | 'final' | 'used' | 'vetoed'>;
  readonly privacy: { readonly limit: PrivacyLimit; readonly position: UnitSummary };
  readonly version: number;
}

/** The furthest state of a site that has a connection to its coordinator. */
export function stateOf({ isConfigured, isRegistered, training }: SiteFacts): SiteState {
  if (training !== undefined) return 'training';
  if (!isRegistered) return 'connected';
  return isConfigured ? 'configured' : 'registered';
}

export function composeReport(facts: SiteFacts, told: ReportOptions): SiteReport {
  const { documents, patterns, peers, privacy, training, version } = facts;
  const { asked, final: known, used, vetoed } = patterns;
  return {
    documents: told.documents
      ? Math.ceil(documents / DOCUMENTS_ROUNDED_TO) * DOCUMENTS_ROUNDED_TO
      : null,
    patterns: told.patterns ? { known, used, vetoed } : null,
    peers: told.peers ? [...peers] : null,
    privacy: told.privacy ? privacyOf(privacy) : null,
    progressMicros: training === undefined ? null : progressMicros(training),
    queries: told.queries ? powerOfTwo(asked) : null,
    state: stateOf(facts),
    version,
  };
}

function progressMicros(training: FitProgress | 'starting'): number {
  if (training === 'starting' || training.steps === 0) return 0;
  const share = (training.step / training.steps) * MICROS;
  return Math.min(MICROS, Math.floor(share / PROGRESS_STEP_MICROS) * PROGRESS_STEP_MICROS);
}

function powerOfTwo(count: number): number {
  return count === 0 ? 0 : 2 ** Math.ceil(Math.log2(count));
}

function privacyOf({ limit, position }: SiteFacts['privacy']): SiteReport['privacy'] {
  const { epsilonTight, rounds, roundsWithoutBound } = position;
  return {
    deltaPicos: Math.ceil(limit.delta * PICOS),
    epsilonMaxMicros: limit.epsilonMax === null ? null : toMicros(limit.epsilonMax),
    epsilonMicros: epsilonTight === null ? null : toMicros(epsilonTight),
    rounds,
    roundsWithoutBound,
    unit: limit.unit,
  };
}
