// Shapes of elementwise results, and the sums that undo a broadcast in the backward pass.

import assert from 'node:assert/strict';
import type { Dim } from '../onnx/onnx-model.ts';
import { int } from './attributes.ts';
import { type Graph, isSameShape, type Shape, shapeText, type Tensor } from './graph.ts';

/** The shape of an elementwise result; asserts that the two fit. */
export function broadcastShape(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i): Dim => {
    const left = a[i - (rank - a.length)] ?? 1;
    const right = b[i - (rank - b.length)] ?? 1;
    assert(
      left === right || left === 1 || right === 1,
      `${shapeText(a)} and ${shapeText(b)} do not fit together`,
    );
    return left === 1 ? right : left;
  });
}

/** Sums `gradient` over every axis along which a tensor of `shape` was repeated. */
export function unbroadcast(graph: Graph, gradient: Tensor, shape: Shape): Tensor {
  if (isSameShape(gradient.shape, shape)) return gradient;
  const added = gradient.shape.length - shape.length;
  const repeated = shape.flatMap((dim, i) =>
    dim === 1 && gradient.shape[i + added] !== 1 ? [i + added] : [],
  );
  let sum = gradient;
  if (repeated.length > 0) sum = reduceSum(graph, sum, repeated, true);
  if (added > 0) sum = reduceSum(graph, sum, [...Array(added).keys()], false);
  return sum;
}

/** ReduceSum without a tape entry. */
export function reduceSum(
  graph: Graph,
  x: Tensor,
  axes: readonly number[],
  keepsAxes: boolean,
): Tensor {
  const shape = reducedShape(x.shape, axes, keepsAxes);
  const inputs = [x, graph.integers(axes)];
  return graph.node('ReduceSum', inputs, { ...x, shape }, { keepdims: int(keepsAxes ? 1 : 0) });
}

export function reducedShape(shape: Shape, axes: readonly number[], keepsAxes: boolean): Shape {
  return shape.flatMap((dim, i) => (axes.includes(i) ? (keepsAxes ? [1] : []) : [dim]));
}
