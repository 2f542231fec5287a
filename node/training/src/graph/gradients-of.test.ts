import test from 'ava';
import { gelu, relu, sigmoid, softplus, tanh } from './activations.ts';
import { convolution } from './convolution.ts';
import {
  absolute,
  add,
  divide,
  exp,
  log,
  multiply,
  negate,
  sqrt,
  square,
  subtract,
} from './elementwise.ts';
import { type GradientCase, gradientDisagreements } from './gradient-check.ts';
import { gradientsOf } from './gradients-of.ts';
import { Graph, type Tensor } from './graph.ts';
import { takeRows } from './indexing.ts';
import { affine, batchProduct, productWithTransposed } from './linear.ts';
import { layerNorm, unitLength } from './normalization.ts';
import { averagePool, maxPool } from './pooling.ts';
import { mean, sum } from './reductions.ts';
import { reshape, transpose } from './shaping.ts';
import { labelLosses, logSoftmax, softmax } from './softmax.ts';

type Operator = (graph: Graph, ...inputs: [Tensor, Tensor, Tensor]) => Tensor;

function on(operator: Operator, ...shapes: number[][]): GradientCase {
  return {
    shapes,
    build: (graph, inputs) => operator(graph, ...(inputs as [Tensor, Tensor, Tensor])),
  };
}

const positive = (graph: Graph, x: Tensor) => add(graph, square(graph, x), graph.scalar(0.5));
const single = { real: 'float32', step: 0.05 } as const;

const cases: Readonly<Record<string, GradientCase>> = {
  add: on(add, [2, 3], [2, 3]),
  'add with a broadcast row': on(add, [2, 3], [3]),
  'add with a broadcast column': on(add, [2, 1], [2, 3]),
  'add with a broadcast scalar': on(add, [], [2, 3]),
  subtract: on(subtract, [2, 3], [1, 3]),
  multiply: on(multiply, [2, 3], [2, 1]),
  'multiply with itself': on((g, x) => multiply(g, x, x), [4]),
  divide: on((g, a, b) => divide(g, a, positive(g, b)), [2, 3], [3]),
  negate: on(negate, [3]),
  exp: on(exp, [2, 2]),
  log: on((g, x) => log(g, positive(g, x)), [4]),
  sqrt: on((g, x) => sqrt(g, positive(g, x)), [4]),
  square: on(square, [4]),
  absolute: on(absolute, [5]),
  relu: on(relu, [3, 4]),
  sigmoid: on(sigmoid, [5]),
  tanh: on(tanh, [5]),
  gelu: on(gelu, [5]),
  softplus: on(softplus, [5]),
  'softplus far out': { ...on(softplus, [4]), values: [[-900, -40, 40, 900]] },
  'sum of all': on((g, x) => sum(g, x), [2, 3]),
  'sum over the middle axis': on((g, x) => sum(g, x, [1]), [2, 3, 2]),
  'mean over two axes, kept': on((g, x) => mean(g, x, [0, 2], true), [2, 3, 2]),
  reshape: on((g, x) => reshape(g, x, [3, 2]), [2, 3]),
  transpose: on((g, x) => transpose(g, x, [2, 0, 1]), [2, 3, 4]),
  affine: on(affine, [3, 4], [4, 2], [2]),
  'affine without bias': on(affine, [3, 4], [4, 2]),
  'one weight used twice': on(
    (g, a, b, w) => add(g, affine(g, a, w), affine(g, b, w)),
    [2, 3],
    [2, 3],
    [3, 2],
  ),
  'product with transposed': on(productWithTransposed, [3, 4], [2, 4]),
  'batch product': on(batchProduct, [2, 3, 4], [2, 4, 2]),
  'batch product with one matrix': on(batchProduct, [2, 2, 3, 4], [4, 2]),
  softmax: on(softmax, [3, 4]),
  logSoftmax: on(logSoftmax, [3, 4]),
  'label losses': on((g, x) => labelLosses(g, x, g.constant([1, 0, 0, 0, 0, 1], [2, 3])), [2, 3]),
  'rows by index, one twice': on(
    (g, x) => takeRows(g, x, g.integers([2, 0, 2, 1], [2, 2])),
    [4, 3],
  ),
  layerNorm: on((g, x, gamma, beta) => layerNorm(g, x, gamma, beta), [3, 5], [5], [5]),
  unitLength: on((g, x) => unitLength(g, x), [3, 4]),
  maxPool: { ...on((g, x) => maxPool(g, x, 2), [2, 2, 4, 6]), real: 'float32', step: 1e-3 },
  averagePool: { ...on((g, x) => averagePool(g, x, 2), [2, 2, 4, 6]), ...single },
  convolution: {
    ...on(
      (g, x, w, b) => convolution(g, x, w, b, { stride: 1, padding: 0 }),
      [2, 2, 5, 4],
      [3, 2, 3, 2],
      [3],
    ),
    ...single,
  },
  'convolution of many channels': {
    ...on(
      (g, x, w) => convolution(g, x, w, undefined, { stride: 1, padding: 1 }),
      [2, 12, 4, 3],
      [2, 12, 2, 3],
    ),
    ...single,
  },
  'convolution with padding': {
    ...on(
      (g, x, w) => convolution(g, x, w, undefined, { stride: 1, padding: 2 }),
      [2, 1, 4, 5],
      [2, 1, 5, 5],
    ),
    ...single,
  },
  'convolution with stride': {
    ...on(
      (g, x, w) => convolution(g, x, w, undefined, { stride: 2, padding: 1 }),
      [2, 2, 6, 7],
      [2, 2, 3, 3],
    ),
    ...single,
  },
};

for (const [name, gradientCase] of Object.entries(cases)) {
  test(`the gradient of ${name} agrees with central differences`, async (t) => {
    t.deepEqual(await gradientDisagreements(gradientCase), []);
  });
}

test('a maximum that stands twice in its window shares the gradient', async (t) => {
  const disagreements = await gradientDisagreements({
    shapes: [[1, 1, 2, 2]],
    values: [[3, 1, 3, 2]],
    build: (graph, [x]) => maxPool(graph, x as Tensor, 2),
    real: 'float32',
    step: 1e-2,
  });
  t.deepEqual(disagreements, []);
});

test('a wrong gradient is found', async (t) => {
  const disagreements = await gradientDisagreements({
    shapes: [[2]],
    build: (graph, [x]) =>
      graph.differentiable([x as Tensor], graph.node('Exp', [x], x as Tensor), (dy) => [dy]),
  });
  t.is(disagreements.length, 2);
});

test('a parameter that the loss does not depend on has no gradient', (t) => {
  const graph = new Graph();
  const [x, w] = [graph.input('x', 'float32', []), graph.input('w', 'float32', [])];
  const gradients = gradientsOf(graph, square(graph, x), graph.scalar(1), [x, w]);
  t.deepEqual(
    gradients.map((gradient) => gradient === undefined),
    [false, true],
  );
});

test('a dense weight takes its whole SGD step in one operator', (t) => {
  const graph = new Graph();
  const x = graph.input('x', 'float32', [4, 3]);
  const w = graph.input('w', 'float32', [3, 2]);
  const loss = sum(graph, affine(graph, x, w));
  const before = graph.nodeCount;
  const [gradient] = gradientsOf(graph, loss, graph.scalar(-0.1), [w]);
  const backward = graph.nodeCount;
  gradient?.addedTo(w);
  t.is(graph.nodeCount - backward, 1);
  t.true(backward > before);
});
