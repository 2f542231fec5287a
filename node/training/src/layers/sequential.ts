// Layers one after another: the model, and the residual block.

import assert from 'node:assert/strict';
import { add } from '../graph/elementwise.ts';
import { elementsOf, type Tensor } from '../graph/graph.ts';
import { seededUniforms } from '../seeded-random.ts';
import type { BuiltLayer, ForwardPass, Layer, ParameterSpec } from './layer.ts';

/** Most parameters of a model, as of a tensor on the wire. */
export const MODEL_PARAMETERS_MAX = 1 << 26;

export interface ModelParameter extends ParameterSpec {
  /** Where its elements start in the flat weights. */
  readonly offset: number;
  readonly elements: number;
}

export interface Model {
  /** Shape of one sample, and of what the model makes of it. */
  readonly input: readonly number[];
  readonly output: readonly number[];
  readonly takes: 'reals' | 'ids';
  /** In the order of the flat weights: row-major, one after another. */
  readonly parameters: readonly ModelParameter[];
  readonly parameterCount: number;
  forward(pass: ForwardPass, x: Tensor, parameters: readonly Tensor[]): Tensor;
}

/** A model of layers one after another on samples of shape `input`. */
export function sequential(
  layers: readonly Layer[],
  { input }: { readonly input: readonly number[] },
): Model {
  assert(layers.length > 0, 'a model has at least one layer');
  const chain = chained(layers, input);
  let offset = 0;
  const parameters = chain.parameters.map((parameter) => {
    const elements = elementsOf(parameter.shape);
    offset += elements;
    return { ...parameter, offset: offset - elements, elements };
  });
  assert(offset <= MODEL_PARAMETERS_MAX, `${offset} parameters: at most ${MODEL_PARAMETERS_MAX}`);
  return { ...chain, input, parameters, parameterCount: offset };
}

/** x + f(x) for layers f that keep the shape (He et al. 2016). */
export function residual(layers: readonly Layer[]): Layer {
  return {
    build: (input) => {
      const inner = chained(layers, input);
      assert.deepEqual(inner.output, input, 'the layers of a residual block keep the shape');
      return {
        ...inner,
        forward: (pass, x, parameters) => add(pass.graph, x, inner.forward(pass, x, parameters)),
      };
    },
  };
}

/**
 * The flat weights that a seed gives: `[parameterCount]`, the same on every platform.
 */
export function initialWeights(model: Model, seed: number): Float32Array {
  const weights = new Float32Array(model.parameterCount);
  const uniform = seededUniforms(seed);
  for (const { initial, offset, elements } of model.parameters) {
    for (let i = offset; i < offset + elements; i++) {
      weights[i] =
        initial.kind === 'constant' ? initial.value : (2 * uniform() - 1) * initial.bound;
    }
  }
  return weights;
}

function chained(layers: readonly Layer[], input: readonly number[]): BuiltLayer {
  let output = input;
  const built: BuiltLayer[] = [];
  for (const [i, layer] of pooledFirst(layers).entries()) {
    const next = layer.build(output);
    assert(next.takes === 'reals' || i === 0, 'only the first layer takes ids');
    assert(
      next.output.every((dim) => Number.isInteger(dim) && dim > 0),
      `layer ${i} makes [${next.output.join(' × ')}] of [${output.join(' × ')}]`,
    );
    output = next.output;
    built.push(next);
  }
  const parameters = built.flatMap((layer, i) =>
    layer.parameters.map((spec) => ({ ...spec, name: `${i}.${spec.name}` })),
  );
  return {
    output,
    parameters,
    takes: built[0]?.takes ?? 'reals',
    forward: (pass, x, tensors) => {
      let y = x;
      let used = 0;
      for (const layer of built) {
        y = layer.forward(pass, y, tensors.slice(used, used + layer.parameters.length));
        used += layer.parameters.length;
      }
      return y;
    },
  };
}

/** ReLU and maximum commute, and after pooling there is a quarter left to rectify. */
function pooledFirst(layers: readonly Layer[]): Layer[] {
  const ordered = [...layers];
  for (const [i, layer] of layers.entries()) {
    const before = layers[i - 1];
    if (layer.kind === 'maxPool' && before?.kind === 'relu')
      ordered.splice(i - 1, 2, layer, before);
  }
  return ordered;
}
