// Elementwise arithmetic with NumPy's broadcasting, and its derivatives.

import { broadcastShape, unbroadcast } from './broadcasting.ts';
import type { Graph, Tensor } from './graph.ts';

export function add(graph: Graph, a: Tensor, b: Tensor): Tensor {
  return graph.differentiable([a, b], binary(graph, 'Add', a, b), (dy, isWanted) => [
    isWanted(0) ? unbroadcast(graph, dy, a.shape) : undefined,
    isWanted(1) ? unbroadcast(graph, dy, b.shape) : undefined,
  ]);
}

export function subtract(graph: Graph, a: Tensor, b: Tensor): Tensor {
  return graph.differentiable([a, b], binary(graph, 'Sub', a, b), (dy, isWanted) => [
    isWanted(0) ? unbroadcast(graph, dy, a.shape) : undefined,
    isWanted(1) ? negate(graph, unbroadcast(graph, dy, b.shape)) : undefined,
  ]);
}

export function multiply(graph: Graph, a: Tensor, b: Tensor): Tensor {
  return graph.differentiable([a, b], binary(graph, 'Mul', a, b), (dy, isWanted) => [
    isWanted(0) ? unbroadcast(graph, binary(graph, 'Mul', dy, b), a.shape) : undefined,
    isWanted(1) ? unbroadcast(graph, binary(graph, 'Mul', dy, a), b.shape) : undefined,
  ]);
}

export function divide(graph: Graph, a: Tensor, b: Tensor): Tensor {
  const y = binary(graph, 'Div', a, b);
  return graph.differentiable([a, b], y, (dy, isWanted) => {
    const scaled = binary(graph, 'Div', dy, b);
    return [
      isWanted(0) ? unbroadcast(graph, scaled, a.shape) : undefined,
      isWanted(1)
        ? negate(graph, unbroadcast(graph, binary(graph, 'Mul', scaled, y), b.shape))
        : undefined,
    ];
  });
}

export function negate(graph: Graph, x: Tensor): Tensor {
  return graph.differentiable([x], unary(graph, 'Neg', x), (dy) => [unary(graph, 'Neg', dy)]);
}

export function exp(graph: Graph, x: Tensor): Tensor {
  const y = unary(graph, 'Exp', x);
  return graph.differentiable([x], y, (dy) => [binary(graph, 'Mul', dy, y)]);
}

export function log(graph: Graph, x: Tensor): Tensor {
  return graph.differentiable([x], unary(graph, 'Log', x), (dy) => [binary(graph, 'Div', dy, x)]);
}

/** The root; its derivative at 0 is infinite, so add an epsilon where 0 can come. */
export function sqrt(graph: Graph, x: Tensor): Tensor {
  const y = unary(graph, 'Sqrt', x);
  return graph.differentiable([x], y, (dy) => [
    binary(graph, 'Div', binary(graph, 'Mul', dy, graph.scalar(0.5)), y),
  ]);
}

export function square(graph: Graph, x: Tensor): Tensor {
  return graph.differentiable([x], binary(graph, 'Mul', x, x), (dy) => [
    binary(graph, 'Mul', binary(graph, 'Mul', dy, graph.scalar(2)), x),
  ]);
}

/** |x|; the derivative at 0 is 0. */
export function absolute(graph: Graph, x: Tensor): Tensor {
  return graph.differentiable([x], unary(graph, 'Abs', x), (dy) => [
    binary(graph, 'Mul', dy, unary(graph, 'Sign', x)),
  ]);
}

export function scale(graph: Graph, x: Tensor, factor: number): Tensor {
  return multiply(graph, x, graph.scalar(factor));
}

/** `x` as a constant: no gradient flows through the result. */
export function detach(graph: Graph, x: Tensor): Tensor {
  return graph.node('Identity', [x], x);
}

/** An operator on one tensor without a tape entry. */
export function unary(graph: Graph, op: string, x: Tensor): Tensor {
  return graph.node(op, [x], x);
}

/** An operator on two tensors without a tape entry. */
export function binary(graph: Graph, op: string, a: Tensor, b: Tensor): Tensor {
  return graph.node(op, [a, b], { type: a.type, shape: broadcastShape(a.shape, b.shape) });
}

/** A comparison of two tensors as 0 and 1 of the graph's real type. */
export function indicator(
  graph: Graph,
  op: 'Equal' | 'Greater' | 'GreaterOrEqual' | 'Less' | 'LessOrEqual',
  a: Tensor,
  b: Tensor,
): Tensor {
  const shape = broadcastShape(a.shape, b.shape);
  return toReal(graph, graph.node(op, [a, b], { type: 'bool', shape }));
}

const REAL_CODES = { float32: 1, float64: 11 } as const;

export function toReal(graph: Graph, x: Tensor): Tensor {
  if (x.type === graph.real) return x;
  const to = { kind: 'int', value: REAL_CODES[graph.real] } as const;
  return graph.node('Cast', [x], { type: graph.real, shape: x.shape }, { to });
}
