// Versions, and the matrix of what sites measured.

import { summariseRound } from '@starling/coordinator';
import { activePeers, type FederationState, type VersionRecord } from '@starling/rules';
import { fromMicros } from '@starling/shared';
import type { EvaluationsView, VersionView } from '../api-types.ts';
import { roundsKept } from './round-view.ts';

/** Newest first; those whose round is in memory. */
export function viewVersions(state: FederationState): VersionView[] {
  return state.versions.flatMap((record) => viewVersion(record, state) ?? []).reverse();
}

export function viewVersion(
  { contributors, model, round: number, version }: VersionRecord,
  state: FederationState,
): VersionView | undefined {
  const round = roundsKept(state).find(({ plan }) => plan.round === number);
  if (round?.closedAtMs === undefined) return undefined;
  const { examples, lossLastMicros } = summariseRound(round);
  return {
    base: round.plan.baseVersion,
    contributors,
    examples,
    finalisedAtMs: round.closedAtMs,
    lossLastMicros,
    metrics: {},
    model: model.root,
    pinned: false,
    rolledBackTo: null,
    round: number,
    version,
  };
}

export function viewEvaluations(state: FederationState): EvaluationsView {
  const peers = activePeers(state.roster);
  const cells = peers.flatMap(({ member, site }) =>
    [...(state.evaluations.get(member)?.values() ?? [])].map((evaluation) => ({
      examples: evaluation.queries,
      loss: null,
      recallAt10: fromMicros(evaluation.recallAt10Micros),
      reciprocalRank: fromMicros(evaluation.mrrMicros),
      site,
      stage: evaluation.stage,
      version: evaluation.version,
    })),
  );
  return {
    cells,
    sites: peers.map(({ site }) => site),
    versions: [...new Set(cells.map(({ version }) => version))].sort((a, b) => a - b),
  };
}
