// The four states of a site, shown separately, and what stands behind each.

import type { TrajectorySummary } from '@starling/learning';
import type { Evaluation, FederationId, MemberId, RoundPhase } from '@starling/shared';
import type { AppScore } from './app-scores.ts';
import type { PatternsStatus } from './patterns/patterns-status.ts';

export interface PeerStatus {
  readonly site: string;
  readonly member: MemberId;
  readonly federation: FederationId;
  readonly federationName: string;
  /** What the roster in force says about this site's key. */
  readonly standing: 'active' | 'lapsed' | 'revoked' | 'rotated' | 'unknown';
  /** A connection to the coordinator is open. */
  readonly connected: boolean;
  /** The coordinator's latest status lists this site. */
  readonly registered: boolean;
  /** Documents are indexed and baselines measured: the site may be selected. */
  readonly configured: boolean;
  /** Local training runs now. */
  readonly training: TrainingStatus | null;
  readonly neighbours: number;
  /** The roster in force; no round is started under one that has expired. */
  readonly roster: {
    readonly seq: number;
    readonly epoch: number;
    readonly notAfterMs: number;
    readonly expired: boolean;
  };
  readonly addresses: readonly string[];
  readonly documents: { readonly all: number; readonly train: number; readonly test: number };
  readonly model: { readonly version: number; readonly root: string };
  readonly index: IndexStatus | null;
  readonly round: { readonly number: number; readonly phase: RoundPhase } | null;
  readonly evaluations: readonly Evaluation[];
  /** Searches answered since the start; null before the first. */
  readonly queries: TrajectorySummary | null;
  readonly patterns: PatternsStatus;
  /** The app that the federation trains, and what it measured here; null for the encoder. */
  readonly app: { readonly name: string; readonly scores: readonly AppScore[] } | null;
}

export interface TrainingStatus {
  readonly epoch: number;
  readonly epochs: number;
  readonly step: number;
  readonly steps: number;
  readonly loss: number | null;
}

export interface IndexStatus {
  /** Encoder version of the generation that answers. */
  readonly version: number;
  readonly rows: number;
  readonly building: boolean;
  readonly efSearch: number;
  /** Measured share of the exact top ten, null when no queries were there to measure with. */
  readonly recallAt10: number | null;
  /** Null when this generation was opened from disk. */
  readonly buildMs: number | null;
}
