// What a layer is: a description, made for an input shape, of its parameters and its forward pass.
// Shapes are of one sample; graphs carry the rows of a batch in front.

import type { Graph, Shape, Tensor } from '../graph/graph.ts';

/** How a parameter starts; uniforms come from the seed of `initialWeights`. */
export type Initial =
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'uniform'; readonly bound: number };

export interface ParameterSpec {
  readonly name: string;
  readonly shape: readonly number[];
  readonly initial: Initial;
  /** Whether weight decay shrinks it: matrices and filters yes, biases and norms no. */
  readonly decays: boolean;
}

export interface ForwardPass {
  readonly graph: Graph;
  /** What is dropped follows from this number, of int64 []; undefined: nothing is dropped. */
  readonly dropoutSeed: (() => Tensor) | undefined;
}

export interface BuiltLayer {
  readonly output: readonly number[];
  readonly parameters: readonly ParameterSpec[];
  /** `ids` are int32; everything else is real. */
  readonly takes: 'reals' | 'ids';
  forward(pass: ForwardPass, x: Tensor, parameters: readonly Tensor[]): Tensor;
}

export interface Layer {
  /** Layers that may change places without changing the result say what they are. */
  readonly kind?: 'relu' | 'maxPool';
  /** Asserts that the layer fits samples of this shape, naming it. */
  build(input: readonly number[]): BuiltLayer;
}

/** A layer without parameters that keeps or changes the shape. */
export function plainLayer(
  outputOf: (input: readonly number[]) => readonly number[],
  forward: (pass: ForwardPass, x: Tensor) => Tensor,
): Layer {
  return {
    build: (input) => ({ output: outputOf(input), parameters: [], takes: 'reals', forward }),
  };
}

export function zeros(name: string, shape: readonly number[]): ParameterSpec {
  return { name, shape, initial: { kind: 'constant', value: 0 }, decays: false };
}

export function ones(name: string, shape: readonly number[]): ParameterSpec {
  return { name, shape, initial: { kind: 'constant', value: 1 }, decays: false };
}

/** Uniform within ±√(6 / (fanIn + fanOut)) (Glorot and Bengio 2010, formula 16). */
export function glorot(
  name: string,
  shape: readonly number[],
  fanIn: number,
  fanOut: number,
): ParameterSpec {
  const bound = Math.sqrt(6 / (fanIn + fanOut));
  return { name, shape, initial: { kind: 'uniform', bound }, decays: true };
}

/** The rows of a batch times `factor`; a name when the rows are not known yet. */
export function rowsTimes(shape: Shape, factor: number): number | string {
  const rows = shape[0] ?? 1;
  return typeof rows === 'number' ? rows * factor : `${rows}*${factor}`;
}
