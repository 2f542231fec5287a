// Cyclic weight transfer (Chang et al. 2018): the model visits one node after the other and nothing is
// averaged. The node with the most examples comes last in a cycle, because a model is best where it
// has just been.

import { type ClientInfo, FedAvg, type Strategy } from '@starling/rules';

/** Visits one node a round. */
export function cyclicTransfer(): Strategy {
  const single = new FedAvg({ minTrainNodes: 1, minAvailableNodes: 1 });
  const visited = (clients: readonly ClientInfo[], round: number): ClientInfo[] => {
    const order = clients.toSorted((a, b) => (a.examples ?? 0) - (b.examples ?? 0));
    const next = order[(round - 1) % clients.length];
    return next === undefined ? [] : [next];
  };
  return {
    name: 'cyclic',
    input: single.input,
    configureTrain: (context) =>
      single.configureTrain({ ...context, clients: visited(context.clients, context.round) }),
    aggregateTrain: (context, replies) => single.aggregateTrain(context, replies),
    configureEvaluate: (context) => single.configureEvaluate(context),
    aggregateEvaluate: (context, replies) => single.aggregateEvaluate(context, replies),
    summary: () => ({ name: 'cyclic' }),
    state: () => ({}),
    restore: () => {},
  };
}
