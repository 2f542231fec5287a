// Products of matrices. A weight's gradient is an addend, so that W' = Gemm(Xᵀ, dY, C = W) is one
// operator and SGD needs no other.

import assert from 'node:assert/strict';
import { int } from './attributes.ts';
import { broadcastShape, unbroadcast } from './broadcasting.ts';
import { type Addend, type Graph, type Shape, shapeText, type Tensor } from './graph.ts';
import { reshaped, transposed } from './shaping.ts';

/** x·w + b for x [rows × inputs], w [inputs × outputs], b [outputs]. */
export function affine(graph: Graph, x: Tensor, w: Tensor, b?: Tensor): Tensor {
  const y = gemm(graph, x, w, { base: b });
  const inputs = b === undefined ? [x, w] : [x, w, b];
  return graph.differentiable(inputs, y, (dy, isWanted) => [
    isWanted(0) ? gemm(graph, dy, w, { transposesB: true }) : undefined,
    productAddend(graph, x, dy, { transposesA: true }),
    b === undefined ? undefined : columnSums(graph, dy, b.shape),
  ]);
}

/** a·bᵀ for a [rows × inner], b [columns × inner]. */
export function productWithTransposed(graph: Graph, a: Tensor, b: Tensor): Tensor {
  const y = gemm(graph, a, b, { transposesB: true });
  return graph.differentiable([a, b], y, (dy) => [
    productAddend(graph, dy, b, {}),
    productAddend(graph, dy, a, { transposesA: true }),
  ]);
}

/** Matrix products over equal or broadcast leading axes: [… × n × k] · [… × k × m]. */
export function batchProduct(graph: Graph, a: Tensor, b: Tensor): Tensor {
  return graph.differentiable([a, b], matMul(graph, a, b), (dy, isWanted) => [
    isWanted(0) ? unbroadcast(graph, matMul(graph, dy, swapped(graph, b)), a.shape) : undefined,
    isWanted(1) ? unbroadcast(graph, matMul(graph, swapped(graph, a), dy), b.shape) : undefined,
  ]);
}

/** Sums over the rows; added to a base by one product with ones, which beats a sum and an addition. */
function columnSums(graph: Graph, dy: Tensor, shape: Shape): Addend {
  const [rows = 1, columns = 1] = dy.shape;
  return {
    addedTo: (base) => {
      if (base === undefined || typeof rows !== 'number') {
        const sums = unbroadcast(graph, dy, shape);
        return base === undefined ? sums : graph.node('Add', [base, sums], base);
      }
      const ones = graph.constant(Array<number>(rows).fill(1), [1, rows]);
      const inputs = [ones, dy, base];
      const sums = graph.node('Gemm', inputs, { type: dy.type, shape: [1, columns] });
      return reshaped(graph, sums, shape);
    },
  };
}

interface GemmOptions {
  readonly transposesA?: boolean;
  readonly transposesB?: boolean;
  readonly base?: Tensor | undefined;
}

function gemm(graph: Graph, a: Tensor, b: Tensor, options: GemmOptions): Tensor {
  const { transposesA = false, transposesB = false, base } = options;
  assert(a.shape.length === 2 && b.shape.length === 2, 'Gemm multiplies matrices');
  const [rows, inner] = transposesA ? [a.shape[1], a.shape[0]] : a.shape;
  const [depth, columns] = transposesB ? [b.shape[1], b.shape[0]] : b.shape;
  assert(inner === depth, `${shapeText(a.shape)} times ${shapeText(b.shape)} do not fit`);
  const attributes = { transA: int(transposesA ? 1 : 0), transB: int(transposesB ? 1 : 0) };
  const shape = [rows ?? 1, columns ?? 1];
  return graph.node('Gemm', base ? [a, b, base] : [a, b], { type: a.type, shape }, attributes);
}

function productAddend(graph: Graph, a: Tensor, b: Tensor, options: GemmOptions): Addend {
  return { addedTo: (base) => gemm(graph, a, b, { ...options, base }) };
}

function matMul(graph: Graph, a: Tensor, b: Tensor): Tensor {
  return graph.node('MatMul', [a, b], { type: a.type, shape: productShape(a.shape, b.shape) });
}

function productShape(a: Shape, b: Shape): Shape {
  const [rows, inner] = a.slice(-2);
  const [depth, columns] = b.slice(-2);
  assert(
    a.length >= 2 && b.length >= 2 && inner === depth,
    `${shapeText(a)} times ${shapeText(b)} do not fit`,
  );
  return [...broadcastShape(a.slice(0, -2), b.slice(0, -2)), rows ?? 1, columns ?? 1];
}

/** The last two axes swapped, without a tape entry. */
function swapped(graph: Graph, x: Tensor): Tensor {
  const rank = x.shape.length;
  const order = [...x.shape.keys()];
  [order[rank - 2], order[rank - 1]] = [rank - 1, rank - 2];
  return transposed(graph, x, order);
}
