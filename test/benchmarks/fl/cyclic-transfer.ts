// Cyclic weight transfer (Chang et al. 2018): the model visits one node after the other and nothing is
// averaged.

import { FedAvg, type Strategy } from '@starling/rules';

/** Visits one node a round, in this order, again and again. */
export function cyclicTransfer(order: readonly string[]): Strategy {
  const single = new FedAvg({ minTrainNodes: 1, minAvailableNodes: 1 });
  return {
    name: 'cyclic',
    input: single.input,
    configureTrain: (context) => {
      const next = order[(context.round - 1) % order.length];
      const clients = context.clients.filter(({ node }) => node === next);
      return single.configureTrain({ ...context, clients });
    },
    aggregateTrain: (context, replies) => single.aggregateTrain(context, replies),
    configureEvaluate: (context) => single.configureEvaluate(context),
    aggregateEvaluate: (context, replies) => single.aggregateEvaluate(context, replies),
    summary: () => ({ name: 'cyclic' }),
    state: () => ({}),
    restore: () => {},
  };
}
