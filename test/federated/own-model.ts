import { FedAvg, serverApp } from '@starling/rules';
import { configNumber } from '@starling/shared';
import {
  clientApp,
  clipToNorm,
  dense,
  initialWeights,
  modelClient,
  relu,
  seededUniforms,
  sequential,
  sgd,
} from '@starling/training';

export const model = sequential([dense(32), relu(), dense(2)], { input: [2] });

/** What lies at a site: points of the plane, inside or outside a circle. */
function pointsOf(site: number, count: number) {
  const uniform = seededUniforms(site);
  const x = Float32Array.from({ length: 2 * count }, () => 2 * uniform() - 1);
  const isInside = (i: number) => Math.hypot(x[2 * i] ?? 0, x[2 * i + 1] ?? 0) < 0.7;
  return { x, y: Uint8Array.from({ length: count }, (_, i) => Number(isInside(i))) };
}

const { evaluate, train } = modelClient({
  model,
  ...{ loss: 'softmaxCrossEntropy', batch: 10, optimizer: sgd() },
  samples: ({ nodeConfig }) => pointsOf(configNumber(nodeConfig, 'partition-id'), 100),
  heldOut: ({ nodeConfig }) => pointsOf(configNumber(nodeConfig, 'partition-id') + 1e6, 100),
  trainer: { engine: 'native', isolate: 'none' },
});

export const client = clientApp({ train, evaluate, mods: [clipToNorm({ clippingNorm: 10 })] });

export const server = serverApp({
  strategy: () => new FedAvg({ fractionTrain: 0.5 }),
  initial: ({ seed }) => ({ model: initialWeights(model, seed) }),
});
