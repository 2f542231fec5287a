// What a node does when a round asks it: train on its own digits, or judge the model on them. This
// client knows FedAvg, FedProx, SCAFFOLD and FedNova; write handlers of your own for anything else.

import { configNumber } from '@starling/shared';
import { type ClientContext, clientApp, modelClient, sgd } from '@starling/training';
import { classesOf, type Digits, drawDigits } from './data.ts';
import { IN_THIS_THREAD, model } from './model.ts';

const { evaluate, train } = modelClient({
  model,
  loss: 'softmaxCrossEntropy',
  batch: 10,
  optimizer: sgd(),
  samples: digitsOf,
  trainer: IN_THIS_THREAD,
});

export const client = clientApp({ train, evaluate });

function digitsOf({ nodeConfig, runConfig }: ClientContext): Digits {
  const partition = configNumber(nodeConfig, 'partition-id');
  const samples = configNumber(runConfig, 'samples-per-node');
  const labels = configNumber(runConfig, 'labels-per-node');
  return drawDigits(1000 + partition, samples, classesOf(partition, labels));
}
