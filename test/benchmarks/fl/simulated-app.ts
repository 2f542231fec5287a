// The app of the simulation's benchmark: McMahan et al.'s 2NN, or logistic regression, on drawn samples
// of MNIST's shape. Data is a view of one pool, so that the figures are the framework's and the engine's.

import { FedAvg, serverApp } from '@starling/rules';
import { type ConfigRecord, configNumber, configText } from '@starling/shared';
import {
  clientApp,
  compile,
  dense,
  initialWeights,
  type Model,
  modelClient,
  relu,
  type Samples,
  seededUniforms,
  sequential,
  sgd,
  Trainer,
} from '@starling/training';

const INPUT = [784];
const MODELS: Readonly<Record<string, Model>> = {
  '2NN': sequential([dense(200), relu(), dense(200), relu(), dense(10)], { input: INPUT }),
  logistic: sequential([dense(10)], { input: INPUT }),
};
export const SIMULATED_MODELS = Object.keys(MODELS);
export const SAMPLES_PER_NODE = 100;
const BATCH = 10;
const LEARNING_RATE = 0.1;
const POOL = 2000;
const HERE = { engine: 'native', isolate: 'none' } as const;
const LOSS = { loss: 'softmaxCrossEntropy', batch: BATCH, optimizer: sgd() } as const;

const pool = drawPool();
const clients = Object.fromEntries(
  Object.entries(MODELS).map(([name, model]) => [
    name,
    modelClient({
      ...{ model, ...LOSS, trainer: HERE },
      samples: ({ nodeConfig }) => samplesOf(configNumber(nodeConfig, 'partition-id')),
    }),
  ]),
);

export const client = clientApp({
  train: (message, context) => {
    const own = clients[configText(context.runConfig, 'model')];
    if (own === undefined) throw new RangeError('no such model');
    return own.train(message, context);
  },
});

export const server = serverApp({
  strategy: ({ runConfig }) => {
    return new FedAvg({ fractionTrain: configNumber(runConfig, 'fraction-train') });
  },
  initial: ({ runConfig, seed }) => ({ model: initialWeights(modelOf(runConfig), seed) }),
});

/** The same fits without the framework: CPU seconds of `updates` of them. */
export async function bareFits(runConfig: ConfigRecord, updates: number): Promise<number> {
  const model = modelOf(runConfig);
  await using trainer = await Trainer.create(compile(model, LOSS), HERE);
  const weights = initialWeights(model, 1);
  let started = process.cpuUsage();
  for (let i = 0; i <= updates; i++) {
    // The first one opens the session.
    if (i === 1) started = process.cpuUsage();
    await trainer.fit({
      weights,
      ...samplesOf(i),
      epochs: 1,
      learningRate: LEARNING_RATE,
      seed: i,
    });
  }
  const { system, user } = process.cpuUsage(started);
  return (system + user) / 1e6;
}

function modelOf(runConfig: ConfigRecord): Model {
  const model = MODELS[configText(runConfig, 'model')];
  if (model === undefined) throw new RangeError('no such model');
  return model;
}

function samplesOf(node: number): Samples {
  const from = (node * 17) % (POOL - SAMPLES_PER_NODE);
  const to = from + SAMPLES_PER_NODE;
  return { x: pool.x.subarray(from * 784, to * 784), y: pool.y.subarray(from, to) };
}

function drawPool(): { readonly x: Float32Array; readonly y: Uint8Array } {
  const uniform = seededUniforms(1);
  const y = Uint8Array.from({ length: POOL }, () => Math.floor(uniform() * 10));
  const x = new Float32Array(POOL * 784);
  for (let i = 0; i < x.length; i++) {
    const label = y[Math.floor(i / 784)] ?? 0;
    x[i] = uniform() * ((i % 784) % 10 === label ? 1 : 0.5);
  }
  return { x, y };
}
