// The registry as people and programs read it.

import { type Digest, fromMicros, type MemberId } from '@starling/shared';
import { activePeers, type FederationState } from '../federation-state.ts';
import type { RegisteredVersion } from './model-registry.ts';
import { versionMetrics } from './version-metrics.ts';

export interface VersionView {
  readonly version: number;
  readonly round: number;
  /** The version that it was made from. */
  readonly base: number;
  readonly model: Digest;
  readonly contributors: readonly MemberId[];
  readonly lossLastMicros: number;
  readonly examples: number;
  readonly finalisedAtMs: number;
  readonly pinned: boolean;
  /** The version that it brought back; null for one that was trained. */
  readonly restores: number | null;
  /** The version that took its place when it was rolled back; null otherwise. */
  readonly rolledBackTo: number | null;
  /** By name, from 0 to 1 but for losses; what was not measured is absent. */
  readonly metrics: { readonly [name: string]: number };
}

export interface EvaluationMatrix {
  /** Active sites, sorted by their member ids. */
  readonly sites: readonly string[];
  readonly versions: readonly number[];
  readonly cells: readonly {
    readonly site: string;
    readonly version: number;
    readonly recallAt10: number;
    readonly reciprocalRank: number;
    /** Null where a site has no loss of what it holds out. */
    readonly loss: number | null;
    readonly examples: number;
  }[];
}

/** The newest versions, newest first. */
export function versionViews(state: FederationState): VersionView[] {
  const { pin, versions } = state.registry;
  return versions
    .map(({ finalisedAtMs, lossLastMicros, ...each }) => ({
      version: each.version,
      round: each.round,
      base: each.base,
      model: each.model.root,
      contributors: each.contributors,
      lossLastMicros,
      examples: each.examples,
      finalisedAtMs,
      pinned: pin?.version === each.version,
      restores: each.restores,
      rolledBackTo: rolledBackTo(versions, each.version),
      metrics: namedMetrics(versionMetrics(state, { ...each, lossLastMicros })),
    }))
    .reverse();
}

/** What each active site measured of each version on what it holds out. */
export function evaluationMatrix(state: FederationState): EvaluationMatrix {
  const peers = activePeers(state.roster);
  const cells = peers.flatMap(({ member, site }) =>
    [...(state.registry.scores.get(member)?.values() ?? [])].map((score) => ({
      site,
      version: score.version,
      recallAt10: fromMicros(score.recallAt10Micros),
      reciprocalRank: fromMicros(score.mrrMicros),
      loss: null,
      examples: score.queries,
    })),
  );
  const versions = [...new Set(cells.map(({ version }) => version))].sort((a, b) => a - b);
  return { sites: peers.map(({ site }) => site), versions, cells };
}

function rolledBackTo(versions: readonly RegisteredVersion[], version: number): number | null {
  const rollback = versions.find(({ restores, version: newer }) => {
    return restores !== null && restores < version && version < newer;
  });
  return rollback?.version ?? null;
}

function namedMetrics(micros: { readonly [name: string]: number }): VersionView['metrics'] {
  return Object.fromEntries(Object.entries(micros).map(([name, it]) => [name, fromMicros(it)]));
}
