// Sums and means along axes.

import assert from 'node:assert/strict';
import { reducedShape, reduceSum } from './broadcasting.ts';
import { scale } from './elementwise.ts';
import type { Graph, Tensor } from './graph.ts';

/** Σ over `axes` (all of them by default). */
export function sum(
  graph: Graph,
  x: Tensor,
  axes: readonly number[] = [...x.shape.keys()],
  keepsAxes = false,
): Tensor {
  const y = reduceSum(graph, x, axes, keepsAxes);
  const kept = reducedShape(x.shape, axes, true);
  return graph.differentiable([x], y, (dy) => {
    const wide = keepsAxes ? dy : unsqueeze(graph, dy, axes);
    return [repeat(graph, { ...wide, shape: kept }, x)];
  });
}

/** Mean over `axes`, whose sizes must be known. */
export function mean(graph: Graph, x: Tensor, axes: readonly number[], keepsAxes = false): Tensor {
  const count = axes.reduce((product, axis) => {
    const dim = x.shape[axis];
    assert(typeof dim === 'number', `axis ${axis} of a mean has a known size`);
    return product * dim;
  }, 1);
  return scale(graph, sum(graph, x, axes, keepsAxes), 1 / count);
}

function unsqueeze(graph: Graph, x: Tensor, axes: readonly number[]): Tensor {
  const shape = [...x.shape];
  for (const axis of axes) shape.splice(axis, 0, 1);
  return graph.node('Unsqueeze', [x, graph.integers(axes)], { type: x.type, shape });
}

/** `x` broadcast to the shape of `like`. */
function repeat(graph: Graph, x: Tensor, like: Tensor): Tensor {
  const size = graph.node('Shape', [like], { type: 'int64', shape: [like.shape.length] });
  return graph.node('Expand', [x, size], { type: x.type, shape: like.shape });
}
