// Distances between the rows of a batch.

import { relu } from '../graph/activations.ts';
import { add, scale, sqrt, square, subtract } from '../graph/elementwise.ts';
import type { Graph, Tensor } from '../graph/graph.ts';
import { productWithTransposed } from '../graph/linear.ts';
import { sum } from '../graph/reductions.ts';
import { transpose } from '../graph/shaping.ts';

/** Keeps the slope of a root finite where two rows are equal. */
const EPSILON = 1e-12;

/** |aᵢ − bᵢ|²: [rows]. */
export function squaredDistances(graph: Graph, a: Tensor, b: Tensor): Tensor {
  return sum(graph, square(graph, subtract(graph, a, b)), [1]);
}

/** |aᵢ − bⱼ|² = |aᵢ|² + |bⱼ|² − 2 aᵢ·bⱼ, never below 0: [rows × rows]. */
export function squaredDistanceTable(graph: Graph, a: Tensor, b: Tensor): Tensor {
  const left = sum(graph, square(graph, a), [1], true);
  const right = transpose(graph, sum(graph, square(graph, b), [1], true), [1, 0]);
  const products = scale(graph, productWithTransposed(graph, a, b), -2);
  return relu(graph, add(graph, add(graph, products, left), right));
}

/** √(d² + ε): a distance with a slope everywhere. */
export function rooted(graph: Graph, squared: Tensor): Tensor {
  return sqrt(graph, add(graph, squared, graph.scalar(EPSILON)));
}
