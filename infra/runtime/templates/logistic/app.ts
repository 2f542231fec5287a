// Logistic regression over the tables of several sites: one CSV file per node, its last third held out.

import { FedAvg, serverApp } from '@starling/rules';
import { clientApp, dense, initialWeights, modelClient, sequential, sgd } from '@starling/training';
import { FEATURES, readSite } from './data.ts';

export const model = sequential([dense(2)], { input: [FEATURES.length] });

const { evaluate, train } = modelClient({
  model,
  loss: 'softmaxCrossEntropy',
  batch: 8,
  optimizer: sgd(),
  samples: async (context) => (await readSite(context)).train,
  heldOut: async (context) => (await readSite(context)).test,
  // Virtual nodes share a thread that may wait for them; a site should isolate training.
  trainer: { engine: 'native', isolate: 'none' },
});

export const client = clientApp({ train, evaluate });

export const server = serverApp({
  strategy: () => new FedAvg(),
  initial: ({ seed }) => ({ model: initialWeights(model, seed) }),
});
