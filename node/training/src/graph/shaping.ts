// Changes of shape. At most one size of a reshape may be unknown until the graph runs.

import assert from 'node:assert/strict';
import { ints } from './attributes.ts';
import type { Graph, Shape, Tensor } from './graph.ts';

export function reshape(graph: Graph, x: Tensor, shape: Shape): Tensor {
  return graph.differentiable([x], reshaped(graph, x, shape), (dy) => [
    reshaped(graph, dy, x.shape),
  ]);
}

/** `order[i]` is the axis of `x` that becomes axis i. */
export function transpose(graph: Graph, x: Tensor, order: readonly number[]): Tensor {
  const inverse = order.map((_, axis) => order.indexOf(axis));
  return graph.differentiable([x], transposed(graph, x, order), (dy) => [
    transposed(graph, dy, inverse),
  ]);
}

/** Reshape without a tape entry. */
export function reshaped(graph: Graph, x: Tensor, shape: Shape): Tensor {
  const unknown = shape.filter((dim) => typeof dim === 'string');
  assert(unknown.length <= 1, `a reshape to [${shape}] has two unknown sizes`);
  const sizes = shape.map((dim) => (typeof dim === 'string' ? -1 : dim));
  return graph.node('Reshape', [x, graph.integers(sizes)], { type: x.type, shape });
}

/** Transpose without a tape entry. */
export function transposed(graph: Graph, x: Tensor, order: readonly number[]): Tensor {
  const shape = order.map((axis) => x.shape[axis] ?? 1);
  return graph.node('Transpose', [x], { type: x.type, shape }, { perm: ints(order) });
}
