import test from 'ava';
import { openSession } from '../engine/session.ts';
import { type GradientCase, gradientDisagreements } from '../graph/gradient-check.ts';
import { Graph, type RealType } from '../graph/graph.ts';
import { attention } from './attention.ts';
import { conv2d } from './conv2d.ts';
import { dense } from './dense.ts';
import { dropout } from './dropout.ts';
import { embedding } from './embedding.ts';
import type { Layer } from './layer.ts';
import { layerNorm } from './layer-norm.ts';
import {
  averagePool,
  flatten,
  gelu,
  maxPool,
  meanOverTokens,
  normalize,
  relu,
  sigmoid,
  softmax,
  softplus,
  tanh,
} from './plain-layers.ts';
import { initialWeights, residual, sequential } from './sequential.ts';

const ROWS = 3;

/** The layer as a function of its input and of its parameters. */
function caseOf(layer: Layer, input: readonly number[], real: RealType = 'float64'): GradientCase {
  const { parameters } = layer.build(input);
  return {
    shapes: [[ROWS, ...input], ...parameters.map(({ shape }) => shape)],
    build: (graph, [x, ...tensors]) => {
      const dropoutSeed = () => graph.integers([5], []);
      const built = layer.build(input);
      return x === undefined ? graph.scalar(0) : built.forward({ graph, dropoutSeed }, x, tensors);
    },
    real,
    ...(real === 'float32' ? { step: 5e-3, tolerance: 3e-3 } : {}),
  };
}

const cases: Readonly<Record<string, GradientCase>> = {
  dense: caseOf(dense(3), [4]),
  'dense without bias': caseOf(dense(3, { bias: false }), [4]),
  'dense on tokens': caseOf(dense(3), [2, 4]),
  conv2d: caseOf(conv2d(2, { kernel: 3, padding: 'same' }), [2, 4, 5], 'float32'),
  'conv2d with stride': caseOf(
    conv2d(2, { kernel: 2, stride: 2, padding: 1 }),
    [1, 5, 4],
    'float32',
  ),
  maxPool: { ...caseOf(maxPool(2), [2, 4, 4], 'float32'), step: 1e-3 },
  averagePool: caseOf(averagePool(2), [2, 4, 4], 'float32'),
  layerNorm: caseOf(layerNorm(), [2, 5]),
  dropout: caseOf(dropout(0.5), [6]),
  attention: caseOf(attention(2), [3, 4]),
  residual: caseOf(residual([dense(4), relu(), dense(4)]), [4]),
  flatten: caseOf(flatten(), [2, 3]),
  meanOverTokens: caseOf(meanOverTokens(), [3, 2]),
  normalize: caseOf(normalize(), [4]),
  softmax: caseOf(softmax(), [4]),
  relu: caseOf(relu(), [5]),
  sigmoid: caseOf(sigmoid(), [5]),
  tanh: caseOf(tanh(), [5]),
  gelu: caseOf(gelu(), [5]),
  softplus: caseOf(softplus(), [5]),
};

for (const [name, gradientCase] of Object.entries(cases)) {
  test(`the gradient of the layer ${name} agrees with central differences`, async (t) => {
    t.deepEqual(await gradientDisagreements(gradientCase), []);
  });
}

test('the gradient of an embedding adds up where an id comes twice', async (t) => {
  const disagreements = await gradientDisagreements({
    shapes: [[5, 3]],
    build: (graph, tables) => {
      const ids = graph.integers([4, 0, 4, 2, 4, 1], [ROWS, 2]);
      return embedding(5, 3).build([2]).forward({ graph, dropoutSeed: undefined }, ids, tables);
    },
  });
  t.deepEqual(disagreements, []);
});

/** What two dropout layers of one graph make of ones. */
async function dropped(seed: number, rate: number, rows: number) {
  const graph = new Graph();
  const x = graph.constant(Array(rows).fill(1));
  const dropoutSeed = () => graph.integers([seed], []);
  const layer = dropout(rate).build([]);
  graph.output('first', layer.forward({ graph, dropoutSeed }, x, []));
  graph.output('second', layer.forward({ graph, dropoutSeed }, x, []));
  const session = await openSession(graph.encode('dropout'), { engine: 'native' });
  const { first = [], second = [] } = await session.run({});
  return { first: [...first].map(Number), second: [...second].map(Number) };
}

test('dropout drops its rate, scales the rest, and follows seed and place', async (t) => {
  const { first, second } = await dropped(3, 0.25, 4000);
  t.deepEqual([...new Set(first)].sort(), [0, Math.fround(4 / 3)]);
  for (const values of [first, second]) {
    const share = values.filter((value) => value === 0).length / values.length;
    t.true(Math.abs(share - 0.25) < 0.02, `${share} are dropped`);
  }
  const both = first.filter((value, i) => value === 0 && second[i] === 0).length;
  t.true(Math.abs(both / 4000 - 0.0625) < 0.015, 'the layers drop independently');
  t.deepEqual((await dropped(3, 0.25, 4000)).first, first);
  t.notDeepEqual((await dropped(4, 0.25, 4000)).first, first);
});

test('a model lays its parameters out one after another and starts from its seed', (t) => {
  const model = sequential([flatten(), dense(5), relu(), dense(2)], { input: [2, 3] });
  t.is(model.parameterCount, 6 * 5 + 5 + 5 * 2 + 2);
  t.deepEqual(
    model.parameters.map(({ name, offset }) => [name, offset]),
    [
      ['1.weight', 0],
      ['1.bias', 30],
      ['3.weight', 35],
      ['3.bias', 45],
    ],
  );
  const weights = initialWeights(model, 1);
  t.deepEqual(initialWeights(model, 1), weights);
  t.notDeepEqual(initialWeights(model, 2), weights);
  t.true(weights.subarray(0, 30).every((w) => Math.abs(w) <= Math.sqrt(6 / 11)));
  t.true(weights.subarray(30, 35).every((w) => w === 0));
});

test('layers that do not fit say which shapes', (t) => {
  t.throws(() => sequential([conv2d(2, { kernel: 3 })], { input: [9] }), {
    message: 'conv2d takes [channels × height × width], not [9]',
  });
  t.throws(() => sequential([maxPool(2)], { input: [1, 5, 4] }), {
    message: 'layer 0 makes [1 × 2.5 × 2] of [1 × 5 × 4]',
  });
  t.throws(() => sequential([attention(3)], { input: [2, 4] }), { message: /4 .* 3 heads/ });
  t.throws(() => sequential([dense(2), embedding(3, 2)], { input: [2] }), { message: /ids/ });
});
