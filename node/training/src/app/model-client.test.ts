import { type ArrayRecord, type ConfigRecord, type RecordDict, recordDict } from '@starling/shared';
import test from 'ava';
import { compile } from '../engine/program.ts';
import { Trainer } from '../engine/trainer.ts';
import { dense } from '../layers/dense.ts';
import { initialWeights, sequential } from '../layers/sequential.ts';
import { adam } from '../optimizers/adam.ts';
import type { Optimizer } from '../optimizers/optimizer.ts';
import { momentum, sgd } from '../optimizers/sgd.ts';
import { TrainingError } from '../training-error.ts';
import type { ClientContext } from './client-app.ts';
import { type ModelClient, modelClient } from './model-client.ts';

const HERE = { engine: 'native', isolate: 'none' } as const;
/** One weight w: a node with x and y pulls it to y/x, the harder the larger x is. */
const LINE = sequential([dense(1, { bias: false })], { input: [1] });
const NODES = [
  { node: 'north', x: 1, y: 0 },
  { node: 'south', x: 2, y: 2 },
] as const;
/** Where w² + (2w − 2)² is least; the mean of the nodes' own optima 0 and 1 is ½. */
const OPTIMUM = 0.8;

function lineClient(optimizer: Optimizer): ModelClient {
  return modelClient({
    model: LINE,
    loss: 'meanSquaredError',
    batch: 1,
    optimizer,
    trainer: HERE,
    samples: ({ node }) => {
      const own = NODES.find((one) => one.node === node);
      return { x: Float32Array.of(own?.x ?? 0), y: Float32Array.of(own?.y ?? 0) };
    },
  });
}

function contextOf(node: string, seed = 1): ClientContext {
  return {
    node,
    runConfig: { 'learning-rate': 0.02 },
    nodeConfig: {},
    state: recordDict(),
    signal: new AbortController().signal,
    seed,
  };
}

function ask(
  client: ModelClient,
  context: ClientContext,
  arrays: ArrayRecord,
  config: ConfigRecord = {},
): Promise<RecordDict> {
  const content = recordDict({ arrays, config });
  return client.train(
    { kind: 'train', runId: 'r', round: 1, node: context.node, content },
    context,
  );
}

/** Rounds of both nodes, averaged alike, with SCAFFOLD's control when `corrected`. */
async function federated(client: ModelClient, corrected: boolean, config: ConfigRecord) {
  const contexts = NODES.map(({ node }) => contextOf(node));
  let [model, control] = [0, 0];
  for (let round = 0; round < 60; round++) {
    const sent = corrected ? { control: Float32Array.of(control) } : {};
    const replies: RecordDict[] = [];
    for (const context of contexts) {
      replies.push(await ask(client, context, { model: Float32Array.of(model), ...sent }, config));
    }
    const mean = (name: string) =>
      replies.reduce((sum, { arrays }) => sum + (arrays[name]?.[0] ?? Number.NaN) / 2, 0);
    model = mean('model');
    if (corrected) control += mean('control-delta');
  }
  return model;
}

for (const [name, optimizer] of Object.entries({ sgd: sgd(), momentum: momentum() })) {
  test(`SCAFFOLD reaches the optimum of all nodes where averaging drifts off (${name})`, async (t) => {
    await using client = lineClient(optimizer);
    const config = { 'local-steps': 20 };
    const averaged = await federated(client, false, config);
    const corrected = await federated(client, true, config);
    t.true(Math.abs(averaged - OPTIMUM) > 0.05, `FedAvg ends at ${averaged}`);
    t.true(Math.abs(corrected - OPTIMUM) < 1e-4, `SCAFFOLD ends at ${corrected}`);
  });
}

test('after one plain step the control variate is the gradient itself', async (t) => {
  await using client = lineClient(sgd());
  const context = contextOf('south');
  const sent = { model: Float32Array.of(0.5), control: Float32Array.of(0.25) };
  const { arrays } = await ask(client, context, sent);
  const gradient = 2 * 2 * (2 * 0.5 - 2);
  t.true(Math.abs((context.state.arrays['control']?.[0] ?? 0) - gradient) < 1e-5);
  t.true(Math.abs((arrays['control-delta']?.[0] ?? 0) - gradient) < 1e-5);
});

test('the proximal term holds the weights near those that were sent', async (t) => {
  await using client = lineClient(sgd());
  const model = Float32Array.of(0.25);
  const moved = async (mu: number) => {
    const config = { 'local-steps': 400, 'proximal-mu': mu };
    const { arrays } = await ask(client, contextOf('south'), { model }, config);
    return (arrays['model']?.[0] ?? 0) - 0.25;
  };
  const curvature = 2 * 2 ** 2;
  t.true(Math.abs((await moved(0)) - 0.75) < 1e-4);
  t.true(Math.abs((await moved(curvature)) - 0.375) < 1e-4);
});

test('plain training is the trainer’s own fit, and its numbers come along', async (t) => {
  const model = sequential([dense(3)], { input: [4] });
  const x = Float32Array.from({ length: 7 * 4 }, (_, i) => Math.sin(i));
  const y = Uint8Array.of(0, 1, 2, 0, 1, 2, 0);
  const options = { loss: 'softmaxCrossEntropy', batch: 2, optimizer: momentum() } as const;
  await using client = modelClient({ model, ...options, trainer: HERE, samples: () => ({ x, y }) });
  const weights = initialWeights(model, 3);
  const config = { 'local-epochs': 2, 'learning-rate': 0.1 };
  const { arrays, metrics } = await ask(client, contextOf('a', 9), { model: weights }, config);
  await using trainer = await Trainer.create(compile(model, options), HERE);
  const fit = await trainer.fit({ weights, x, y, epochs: 2, learningRate: 0.1, seed: 9 });
  t.deepEqual(arrays['model'], fit.weights);
  t.is(metrics['num-examples'], 7);
  t.is(metrics['local-steps'], 8);
  t.is(metrics['train-loss'], fit.epochLosses[1]);
  const content = recordDict({ arrays });
  const message = { kind: 'evaluate', runId: 'r', round: 1, node: 'a', content } as const;
  const scores = (await client.evaluate(message, contextOf('a'))).metrics;
  t.deepEqual(Object.keys(scores).sort(), ['accuracy', 'loss', 'num-examples']);
});

test('momentum counts every gradient as often as it moved the weights', (t) => {
  t.is(sgd().accumulation?.(5), 5);
  t.true(Math.abs((momentum().accumulation?.(3) ?? 0) - (1 + 1.9 + 2.71)) < 1e-12);
  const ahead = momentum({ nesterov: true }).accumulation?.(2) ?? 0;
  t.true(Math.abs(ahead - (1.9 + 2.71)) < 1e-12);
  t.is(adam().accumulation, undefined);
});

test('FedNova may count with the momentum that the optimiser has', async (t) => {
  await using client = lineClient(momentum());
  const model = Float32Array.of(0);
  const config = { momentum: 0.9, 'local-steps': 3 };
  const { metrics } = await ask(client, contextOf('south'), { model }, config);
  t.is(metrics['local-steps'], 3);
});

test('the loss of the received weights is measured where it is asked for', async (t) => {
  await using client = lineClient(sgd());
  const model = Float32Array.of(0.5);
  const asked = await ask(client, contextOf('south'), { model }, { 'received-loss': true });
  t.is(asked.metrics['received-loss'], (2 * 0.5 - 2) ** 2);
  const plain = await ask(client, contextOf('south'), { model });
  t.false('received-loss' in plain.metrics);
});

test('settings and arrays that are missing or wrong are named', async (t) => {
  await using client = lineClient(sgd());
  const model = Float32Array.of(0);
  const context = contextOf('north');
  const other = { ...contextOf('north'), runConfig: {} };
  await using adaptive = lineClient(adam());
  await using wide = modelClient({
    model: sequential([dense(1, { bias: false })], { input: [4096] }),
    ...{ loss: 'meanSquaredError', batch: 1, optimizer: sgd(), trainer: HERE },
    samples: () => ({ x: new Float32Array(4096), y: new Float32Array(1) }),
  });
  const refusals: readonly (readonly [() => Promise<RecordDict>, RegExp])[] = [
    [() => ask(client, context, {}), /the message has no arrays.model/],
    [() => ask(client, other, { model }), /learning-rate is missing: a number/],
    [() => ask(client, context, { model }, { 'local-epochs': 'two' }), /local-epochs is two/],
    [() => ask(client, context, { model }, { 'local-steps': 0.5 }), /local-steps is 0.5: a whole/],
    [() => ask(client, context, { model }, { 'control-option': 1 }), /control-option is 1: this/],
    [
      () => ask(client, context, { model }, { momentum: 0.9 }),
      /the server counts with momentum 0.9; sgd has 0/,
    ],
    [
      () => ask(wide, context, { model: new Float32Array(4096) }, { 'local-steps': 1e6 }),
      /local-steps is 1000000: more than 1073741824 elements/,
    ],
    [
      () => ask(adaptive, context, { model, control: Float32Array.of(0) }),
      /SCAFFOLD needs the optimiser sgd or momentum/,
    ],
  ];
  for (const [attempt, message] of refusals) {
    await t.throwsAsync(attempt, { instanceOf: TrainingError, code: 'invalid-options', message });
  }
  const long = { model, control: new Float32Array(2) };
  await t.throwsAsync(ask(client, context, long), { code: 'shape-mismatch' });
});
