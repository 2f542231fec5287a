// Random numbers inside a graph: a pure function of a seed and a place, in whole numbers, so that every
// engine draws the same. Three rounds of x → (x² + a·x + c) mod p, with p = 2³¹ − 1: squares stay
// below 2⁶², which int64 holds.

import { int } from './attributes.ts';
import { broadcastShape } from './broadcasting.ts';
import { toReal } from './elementwise.ts';
import { elementsOf, type Graph, type Tensor } from './graph.ts';

const PRIME = 2147483647;
const ROUNDS: readonly (readonly [number, number])[] = [
  [48271, 1013904223],
  [69621, 374761393],
  [16807, 668265263],
];

/**
 * Uniforms from [0, 1) of a known shape for an int64 `seed` [] from [0, 2³¹ − 1). Every call on one
 * graph draws another stream.
 */
export function counterUniforms(graph: Graph, seed: Tensor, shape: readonly number[]): Tensor {
  const stream = graph.nextStream();
  const places = range(graph, elementsOf(shape), shape);
  const start = mod(graph, whole(graph, 'Add', seed, graph.integers([stream * 7919 + 1], [])));
  const mixedSeed = mix(graph, mix(graph, start));
  const mixed = mix(graph, mod(graph, whole(graph, 'Add', places, mixedSeed)));
  const fraction = graph.node('Div', [toReal(graph, mixed), graph.scalar(PRIME)], {
    type: graph.real,
    shape,
  });
  return fraction;
}

function range(graph: Graph, count: number, shape: readonly number[]): Tensor {
  const ends = [graph.integers([0], []), graph.integers([count], []), graph.integers([1], [])];
  const line = graph.node('Range', ends, { type: 'int64', shape: [count] });
  return graph.node('Reshape', [line, graph.integers(shape)], { type: 'int64', shape });
}

function mix(graph: Graph, x: Tensor): Tensor {
  let mixed = x;
  for (const [factor, offset] of ROUNDS) {
    const slope = whole(graph, 'Add', mixed, graph.integers([factor], []));
    const product = mod(graph, whole(graph, 'Mul', mixed, slope));
    mixed = mod(graph, whole(graph, 'Add', product, graph.integers([offset], [])));
  }
  return mixed;
}

function mod(graph: Graph, x: Tensor): Tensor {
  return graph.node('Mod', [x, graph.integers([PRIME], [])], x, { fmod: int(0) });
}

function whole(graph: Graph, op: 'Add' | 'Mul', a: Tensor, b: Tensor): Tensor {
  return graph.node(op, [a, b], { type: 'int64', shape: broadcastShape(a.shape, b.shape) });
}
