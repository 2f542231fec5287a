// Softmax and its logarithm along the last axis.

import { int } from './attributes.ts';
import { reduceSum } from './broadcasting.ts';
import { binary, unary } from './elementwise.ts';
import type { Graph, Tensor } from './graph.ts';

export function softmax(graph: Graph, x: Tensor): Tensor {
  const y = graph.node('Softmax', [x], x, { axis: int(-1) });
  return graph.differentiable([x], y, (dy) => {
    const weighted = binary(graph, 'Mul', dy, y);
    const total = reduceSum(graph, weighted, [x.shape.length - 1], true);
    return [binary(graph, 'Sub', weighted, binary(graph, 'Mul', y, total))];
  });
}

export function logSoftmax(graph: Graph, x: Tensor): Tensor {
  const y = graph.node('LogSoftmax', [x], x, { axis: int(-1) });
  return graph.differentiable([x], y, (dy) => {
    const total = reduceSum(graph, dy, [x.shape.length - 1], true);
    return [binary(graph, 'Sub', dy, binary(graph, 'Mul', unary(graph, 'Exp', y), total))];
  });
}

/**
 * −ln softmax(x)[label] of every row, for one-hot rows `labels`; the gradient is
 * (softmax(x) − labels) · dy, so that logits of any size stay finite.
 */
export function labelLosses(graph: Graph, x: Tensor, labels: Tensor): Tensor {
  const logProbabilities = graph.node('LogSoftmax', [x], x, { axis: int(-1) });
  const picked = binary(graph, 'Mul', logProbabilities, labels);
  const losses = unary(graph, 'Neg', reduceSum(graph, picked, [1], false));
  return graph.differentiable([x], losses, (dy) => {
    const error = binary(graph, 'Sub', unary(graph, 'Exp', logProbabilities), labels);
    const column = graph.node('Unsqueeze', [dy, graph.integers([1])], {
      type: dy.type,
      shape: [dy.shape[0] ?? 1, 1],
    });
    return [binary(graph, 'Mul', error, column)];
  });
}
