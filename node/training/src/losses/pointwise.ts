// Losses of one sample at a time.

import assert from 'node:assert/strict';
import { softplus } from '../graph/activations.ts';
import { reduceSum } from '../graph/broadcasting.ts';
import { binary, multiply, square, subtract } from '../graph/elementwise.ts';
import { type Graph, isSameShape, shapeText, type Tensor } from '../graph/graph.ts';
import { oneHot } from '../graph/indexing.ts';
import { mean } from '../graph/reductions.ts';
import { labelLosses } from '../graph/softmax.ts';
import type { Loss } from './loss.ts';

/** −ln softmax(logits)[label], for logits [batch × classes]. */
export function softmaxCrossEntropy(): Loss {
  return {
    name: 'softmaxCrossEntropy',
    target: 'labels',
    scalars: {},
    build: ({ graph, output, target, sampleWeights }) => {
      const [, classes] = output.shape;
      assert(
        output.shape.length === 2 && typeof classes === 'number',
        `softmaxCrossEntropy takes logits [batch × classes], not ${shapeText(output.shape)}`,
      );
      const labels = oneHot(graph, target, classes);
      return weighted(graph, labelLosses(graph, output, labels), sampleWeights);
    },
  };
}

/** softplus(z) − z·y for logits z and targets y in [0, 1]; mean over the outputs of a sample. */
export function binaryCrossEntropy(): Loss {
  return {
    name: 'binaryCrossEntropy',
    target: 'values',
    scalars: {},
    build: ({ graph, output, target, sampleWeights }) => {
      assertSame(output, target);
      const losses = subtract(graph, softplus(graph, output), multiply(graph, output, target));
      return weighted(graph, perSample(graph, losses), sampleWeights);
    },
  };
}

/** (output − target)², mean over the outputs of a sample. */
export function meanSquaredError(): Loss {
  return {
    name: 'meanSquaredError',
    target: 'values',
    scalars: {},
    build: ({ graph, output, target, sampleWeights }) => {
      assertSame(output, target);
      const losses = square(graph, subtract(graph, output, target));
      return weighted(graph, perSample(graph, losses), sampleWeights);
    },
  };
}

/** Σ wᵢ·lossᵢ; the weights are constants. */
export function weighted(graph: Graph, losses: Tensor, weights: Tensor): Tensor {
  const total = reduceSum(graph, binary(graph, 'Mul', losses, weights), [0], false);
  return graph.differentiable([losses], total, (dy) => [binary(graph, 'Mul', weights, dy)]);
}

function perSample(graph: Graph, losses: Tensor): Tensor {
  const axes = [...losses.shape.keys()].slice(1);
  return axes.length === 0 ? losses : mean(graph, losses, axes);
}

function assertSame(output: Tensor, target: Tensor): void {
  assert(
    isSameShape(output.shape, target.shape),
    `targets ${shapeText(target.shape)} for outputs ${shapeText(output.shape)}`,
  );
}
