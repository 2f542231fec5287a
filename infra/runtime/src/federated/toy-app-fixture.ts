// An app that is quick: each node pulls the weights half way to its own number, and counts its rounds.

import { FedAvg, FedBuff, serverApp } from '@starling/rules';
import { recordDict } from '@starling/shared';
import { clientApp } from '@starling/training';

const WEIGHTS = 64;

export const client = clientApp({
  train: async ({ content, round }, context) => {
    const model = content.arrays['model'] ?? new Float32Array();
    const target = Number(context.nodeConfig['partition-id']) + context.seed / 2 ** 32;
    const fails = String(context.runConfig['fails'] ?? '');
    if (fails === 'hangs') {
      console.log('hangs');
      await new Promise((resolve) => context.signal.addEventListener('abort', resolve));
    }
    if (fails === 'all') throw new Error('no data here');
    if (fails === context.node) throw new RangeError(`no data at ${context.node}`);
    if (fails === `exit ${context.node}`) process.exit(3);
    if (fails === `nan ${context.node}`) model.fill(Number.NaN);
    for (let i = 0; i < model.length; i++) model[i] = ((model[i] as number) + target) / 2;
    const rounds = Number(context.state.metrics['rounds'] ?? 0) + 1;
    context.state = recordDict({ metrics: { rounds } });
    if (context.runConfig['speaks'] === true) console.log(`${context.node} in round ${round}`);
    return recordDict({ arrays: { model }, metrics: { 'num-examples': 1, rounds } });
  },
  evaluate: async ({ content }) => {
    const loss = Math.abs((content.arrays['model']?.[0] ?? 0) - 1);
    return recordDict({ metrics: { 'num-examples': 1, loss } });
  },
});

export const server = serverApp({
  strategy: ({ runConfig }) => {
    const options = {
      fractionTrain: Number(runConfig['fraction-train'] ?? 1),
      fractionEvaluate: Number(runConfig['fraction-evaluate'] ?? 1),
      minTrainNodes: 1,
      minEvaluateNodes: 1,
      minAvailableNodes: 1,
    };
    return runConfig['is-asynchronous'] === true
      ? new FedBuff({ ...options, bufferSize: 4 })
      : new FedAvg(options);
  },
  initial: () => ({ model: new Float32Array(WEIGHTS) }),
  evaluate: (_round, { model }) => ({ first: model?.[0] ?? 0 }),
});
