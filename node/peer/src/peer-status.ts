// The four states of a site, shown separately, and what stands behind each.

import type { ProvedChannels } from '@starling/crypto';
import type { TrajectorySummary } from '@starling/learning';
import type { Evaluation, FederationId, MemberId, RoundPhase } from '@starling/shared';
import type { AppScore } from './app-scores.ts';
import type { Collection } from './collection.ts';
import type { PeerDependencies } from './dependencies.ts';
import type { FederationClient } from './federation-client.ts';
import type { IndexGenerations } from './index-generations.ts';
import type { SiteMembership } from './membership.ts';
import type { Model } from './model-versions.ts';
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

export interface DescribedPeer {
  readonly appScores: readonly AppScore[];
  readonly channels: ProvedChannels;
  readonly client: FederationClient;
  readonly collection: Collection;
  readonly evaluations: readonly Evaluation[];
  readonly generations: IndexGenerations;
  readonly membership: SiteMembership;
  readonly model: Model;
  readonly patterns: PatternsStatus;
  readonly queries: TrajectorySummary | undefined;
}

export function describePeer(
  { bus, clock, identity }: PeerDependencies,
  { channels, client, collection, membership, model, ...described }: DescribedPeer,
): PeerStatus {
  const { coordinator, genesis, roster } = membership;
  const { app } = genesis.task;
  const { status } = client.control;
  const own = roster.members.find(({ member }) => member === identity.member);
  return {
    site: own?.site ?? '',
    member: identity.member,
    federation: membership.federation,
    federationName: genesis.name,
    standing: membership.standingOf(identity.member),
    connected: coordinator !== undefined && channels.peers.includes(coordinator.transportId),
    registered: client.registered,
    configured: client.ready,
    training: trainingStatus(client.training),
    neighbours: channels.peers.length,
    addresses: bus.addresses(),
    roster: {
      seq: roster.seq,
      epoch: roster.epoch,
      notAfterMs: roster.notAfterMs,
      expired: membership.isExpired(clock.nowMs()),
    },
    documents: {
      all: collection.size,
      train: collection.split('train').targets.length,
      test: collection.split('test').targets.length,
    },
    model: { version: model.version, root: model.ref.root },
    index: indexStatus(described.generations),
    round: status === undefined ? null : { number: status.round, phase: status.phase },
    evaluations: described.evaluations,
    queries: described.queries ?? null,
    patterns: described.patterns,
    app: app === null ? null : { name: app.name, scores: described.appScores },
  };
}

function trainingStatus(progress: FederationClient['training']): TrainingStatus | null {
  if (progress === undefined) return null;
  if (progress === 'starting') return { epoch: 0, epochs: 0, step: 0, steps: 0, loss: null };
  return progress;
}

function indexStatus({ active, building }: IndexGenerations): IndexStatus | null {
  if (active === undefined) return null;
  return {
    version: active.version,
    rows: active.index.size,
    building,
    efSearch: active.efSearch,
    recallAt10: active.tuning?.chosen.heldOutRecall ?? null,
    buildMs: active.buildMs ?? null,
  };
}
