// Layers without parameters: activations, pooling, flattening.

import * as activations from '../graph/activations.ts';
import { elementsOf, type Graph, type Tensor } from '../graph/graph.ts';
import { unitLength } from '../graph/normalization.ts';
import * as pooling from '../graph/pooling.ts';
import { mean } from '../graph/reductions.ts';
import { reshape } from '../graph/shaping.ts';
import { softmax as softmaxOf } from '../graph/softmax.ts';
import { type Layer, plainLayer } from './layer.ts';

export const relu = (): Layer => ({ kind: 'relu', ...elementwise(activations.relu) });
export const sigmoid = (): Layer => elementwise(activations.sigmoid);
export const tanh = (): Layer => elementwise(activations.tanh);
export const gelu = (): Layer => elementwise(activations.gelu);
export const softplus = (): Layer => elementwise(activations.softplus);

/** Along the last axis. For classification leave it out: the loss takes logits. */
export const softmax = (): Layer => elementwise(softmaxOf);

/** Scales the last axis to length 1, so that dot products are cosines. */
export const normalize = (): Layer => elementwise((graph, x) => unitLength(graph, x));

/** Largest value of every `size` × `size` window of [channels × height × width]. */
export function maxPool(size: number): Layer {
  return { kind: 'maxPool', ...pool(size, pooling.maxPool) };
}

/** Mean of every `size` × `size` window of [channels × height × width]. */
export function averagePool(size: number): Layer {
  return pool(size, pooling.averagePool);
}

/** One axis per sample. */
export function flatten(): Layer {
  const flat = (input: readonly number[]) => [elementsOf(input)];
  return plainLayer(flat, ({ graph }, x) => {
    const sizes = x.shape.slice(1).map(Number);
    return reshape(graph, x, [x.shape[0] ?? 1, elementsOf(sizes)]);
  });
}

/** Mean over the first axis of a sample: of tokens [tokens × width] to [width]. */
export function meanOverTokens(): Layer {
  return plainLayer(
    (input) => input.slice(1),
    ({ graph }, x) => mean(graph, x, [1]),
  );
}

function elementwise(operator: (graph: Graph, x: Tensor) => Tensor): Layer {
  return plainLayer(
    (input) => input,
    ({ graph }, x) => operator(graph, x),
  );
}

function pool(size: number, operator: (graph: Graph, x: Tensor, size: number) => Tensor): Layer {
  return plainLayer(
    (input) => [input[0] ?? 1, ...input.slice(1).map((axis) => axis / size)],
    ({ graph }, x) => operator(graph, x, size),
  );
}
