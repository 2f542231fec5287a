// Layer normalisation (Ba, Kiros and Hinton 2016) over the last axis, and rows of length one.

import { add, divide, multiply, sqrt, square, subtract } from './elementwise.ts';
import type { Graph, Tensor } from './graph.ts';
import { mean, sum } from './reductions.ts';

/** γ · (x − mean) / √(variance + ε) + β, over the last axis. */
export function layerNorm(
  graph: Graph,
  x: Tensor,
  gamma: Tensor,
  beta: Tensor,
  epsilon = 1e-5,
): Tensor {
  const last = [x.shape.length - 1];
  const centred = subtract(graph, x, mean(graph, x, last, true));
  const variance = mean(graph, square(graph, centred), last, true);
  const deviation = sqrt(graph, add(graph, variance, graph.scalar(epsilon)));
  return add(graph, multiply(graph, divide(graph, centred, deviation), gamma), beta);
}

/** x / √(|x|² + ε) along the last axis; a row of zeros stays one. */
export function unitLength(graph: Graph, x: Tensor, epsilon = 1e-12): Tensor {
  const squares = sum(graph, square(graph, x), [x.shape.length - 1], true);
  return divide(graph, x, sqrt(graph, add(graph, squares, graph.scalar(epsilon))));
}
