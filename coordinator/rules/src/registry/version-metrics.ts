// What a version is judged by: the training loss of its round, and what the sites measured of it.

import { type MemberId, MICROS, type VersionEvaluation } from '@starling/shared';
import { activePeers, type FederationState } from '../federation-state.ts';
import type { RegisteredVersion } from './model-registry.ts';
import type { VersionMetric } from './stopping-rule.ts';

/** Which way is better. */
export const METRIC_DIRECTIONS: { readonly [M in VersionMetric]: 'higher' | 'lower' } =
  Object.freeze({ loss: 'lower', 'recall-at-10': 'higher', 'reciprocal-rank': 'higher' });

/**
 * The measures of a version in millionths: means over the sites, weighted by their examples or
 * queries. One that was not measured is absent; what sites hold out counts once half of the active
 * ones have measured it.
 */
export function versionMetrics(
  state: FederationState,
  {
    examples,
    lossLastMicros,
    version,
  }: Pick<RegisteredVersion, 'examples' | 'lossLastMicros'> & {
    readonly version: number;
  },
): { readonly [M in VersionMetric]?: number } {
  const loss = examples === 0 ? {} : { loss: lossLastMicros };
  const peers = activePeers(state.roster).map(({ member }) => member);
  const cells = cellsOf(state, peers, version);
  if (cells.length === 0 || 2 * cells.length < peers.length) return loss;
  const queries = cells.reduce((sum, cell) => sum + cell.queries, 0);
  const mean = (field: 'mrrMicros' | 'recallAt10Micros'): number =>
    Math.round(cells.reduce((sum, cell) => sum + cell[field] * cell.queries, 0) / queries);
  const measured = { 'recall-at-10': mean('recallAt10Micros') };
  return { ...loss, ...measured, 'reciprocal-rank': mean('mrrMicros') };
}

/**
 * Why the run's rule ends it now; undefined while it goes on. Versions count from the run's plan on,
 * rollbacks and those that were not measured do not.
 */
export function stoppingReason(
  state: FederationState,
): { readonly reason: string; readonly version: number } | undefined {
  const { plannedAtVersion, stopped, stopping, versions } = state.registry;
  if (stopping === null || stopped !== null) return undefined;
  const { metric, minDeltaMicros, patience } = stopping;
  const sign = METRIC_DIRECTIONS[metric] === 'higher' ? 1 : -1;
  let best: { readonly version: number; readonly value: number } | undefined;
  let without = 0;
  for (const each of versions) {
    if (each.version <= plannedAtVersion || each.restores !== null) continue;
    const value = versionMetrics(state, each)[metric];
    if (value === undefined) continue;
    if (best === undefined || sign * (value - best.value) >= Math.max(1, minDeltaMicros)) {
      best = { version: each.version, value };
      without = 0;
    } else without += 1;
  }
  if (best === undefined || without < patience) return undefined;
  const reason =
    `${metric} is no better than version ${best.version}'s ${best.value / MICROS} by ` +
    `${minDeltaMicros / MICROS} for ${without} versions`;
  return { reason, version: best.version };
}

function cellsOf(
  { registry }: FederationState,
  peers: readonly MemberId[],
  version: number,
): VersionEvaluation[] {
  return peers.flatMap((member) => registry.scores.get(member)?.get(version) ?? []);
}
