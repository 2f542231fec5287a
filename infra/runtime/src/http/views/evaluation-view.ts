// What sites measured: every version by every site, and what each had before and alone.

import type { Coordinator } from '@starling/coordinator';
import { activePeers, type FederationState } from '@starling/rules';
import { fromMicros } from '@starling/shared';
import type { EvaluationsView } from '../api-types.ts';

type Cell = EvaluationsView['cells'][number];

export function viewEvaluations({ models, state }: Coordinator): EvaluationsView {
  const matrix = models.matrix();
  const federated = matrix.cells
    .filter(({ version }) => version > 0)
    .map((cell): Cell => ({ ...cell, stage: 'federated' }));
  const cells = [...unfederated(state), ...federated];
  return {
    cells,
    sites: matrix.sites,
    versions: [...new Set(cells.map(({ version }) => version))].sort((a, b) => a - b),
  };
}

/** Neither is a version of the federation, so both count as version 0. */
function unfederated({ evaluations, roster }: FederationState): Cell[] {
  return activePeers(roster).flatMap(({ member, site }) =>
    [...(evaluations.get(member)?.values() ?? [])]
      .filter(({ stage }) => stage !== 'federated')
      .map(({ mrrMicros, queries, recallAt10Micros, stage, version }) => ({
        examples: queries,
        loss: null,
        recallAt10: fromMicros(recallAt10Micros),
        reciprocalRank: fromMicros(mrrMicros),
        ...{ site, stage, version },
      })),
  );
}
