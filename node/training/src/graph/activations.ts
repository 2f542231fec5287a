// Activation functions. All masks and derivatives are elementwise.

import { add, binary, indicator, multiply, scale, unary } from './elementwise.ts';
import type { Graph, Tensor } from './graph.ts';

/** max(x, 0); the derivative at 0 is 0. */
export function relu(graph: Graph, x: Tensor): Tensor {
  const y = unary(graph, 'Relu', x);
  return graph.differentiable([x], y, (dy) => {
    return [binary(graph, 'Mul', dy, indicator(graph, 'Greater', y, graph.scalar(0)))];
  });
}

export function sigmoid(graph: Graph, x: Tensor): Tensor {
  const y = unary(graph, 'Sigmoid', x);
  return graph.differentiable([x], y, (dy) => {
    const slope = binary(graph, 'Sub', y, binary(graph, 'Mul', y, y));
    return [binary(graph, 'Mul', dy, slope)];
  });
}

export function tanh(graph: Graph, x: Tensor): Tensor {
  const y = unary(graph, 'Tanh', x);
  return graph.differentiable([x], y, (dy) => {
    const slope = binary(graph, 'Sub', graph.scalar(1), binary(graph, 'Mul', y, y));
    return [binary(graph, 'Mul', dy, slope)];
  });
}

/** GELU in its tanh form (Hendrycks and Gimpel 2016, section 2). */
export function gelu(graph: Graph, x: Tensor): Tensor {
  const cube = multiply(graph, multiply(graph, x, x), x);
  const inner = add(graph, x, scale(graph, cube, 0.044715));
  const gate = tanh(graph, scale(graph, inner, Math.sqrt(2 / Math.PI)));
  return multiply(graph, scale(graph, x, 0.5), add(graph, gate, graph.scalar(1)));
}

/** ln(1 + eˣ) = max(x, 0) + ln(1 + e^−|x|), finite for every finite x. */
export function softplus(graph: Graph, x: Tensor): Tensor {
  const small = unary(graph, 'Exp', unary(graph, 'Neg', unary(graph, 'Abs', x)));
  const tail = unary(graph, 'Log', binary(graph, 'Add', small, graph.scalar(1)));
  const y = binary(graph, 'Add', unary(graph, 'Relu', x), tail);
  return graph.differentiable([x], y, (dy) => [
    binary(graph, 'Mul', dy, unary(graph, 'Sigmoid', x)),
  ]);
}
