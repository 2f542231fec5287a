// Flat weights of a model as named tensors, and named tensors as flat weights.

import { elementsOf } from '../graph/graph.ts';
import type { Model, ModelParameter } from '../layers/sequential.ts';
import { TrainingError } from '../training-error.ts';
import type { NamedTensor } from './named-tensor.ts';

/** Where a parameter is found in a file that names it otherwise. */
export type TensorSource =
  | string
  /** A matrix that the file has as [outputs × inputs], as PyTorch's Linear does. */
  | { readonly name: string; readonly isTransposed: true };

/**
 * One tensor per parameter, such as `0.weight`, as views of the flat weights.
 *
 * @throws TrainingError `shape-mismatch`
 */
export function namedTensors(
  model: Pick<Model, 'parameters' | 'parameterCount'>,
  weights: Float32Array,
): NamedTensor[] {
  if (weights.length !== model.parameterCount) {
    throw new TrainingError(
      'shape-mismatch',
      `weights has ${weights.length} elements; the model has ${model.parameterCount} parameters`,
    );
  }
  return model.parameters.map(({ name, shape, offset, elements }) => {
    return { name, shape, data: weights.subarray(offset, offset + elements) };
  });
}

/**
 * The flat weights that named tensors make, every parameter of the model from one tensor.
 *
 * @param sources - by parameter, where a tensor has another name or its axes the other way round
 * @throws TrainingError `shape-mismatch`, naming the parameter, its tensor and both shapes, also for a
 *   tensor that is left over
 */
export function flatWeights(
  model: Pick<Model, 'parameters' | 'parameterCount'>,
  tensors: readonly NamedTensor[],
  sources: Readonly<Record<string, TensorSource>> = {},
): Float32Array {
  const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  const weights = new Float32Array(model.parameterCount);
  const unknown = Object.keys(sources).find(
    (name) => !model.parameters.some((p) => p.name === name),
  );
  if (unknown !== undefined) {
    const names = model.parameters.map(({ name }) => name).join(', ');
    throw new TrainingError(
      'invalid-options',
      `the model has no parameter "${unknown}", but ${names}`,
    );
  }
  for (const parameter of model.parameters) {
    const source = Object.hasOwn(sources, parameter.name) ? sources[parameter.name] : undefined;
    const { name, isTransposed = false } =
      typeof source === 'object' ? source : { name: source ?? parameter.name };
    weights.set(dataOf(parameter, name, isTransposed, byName.get(name)), parameter.offset);
    byName.delete(name);
  }
  const [left] = byName.keys();
  if (left === undefined) return weights;
  const message = `tensor "${left}" belongs to no parameter; name its parameter or leave it out`;
  throw new TrainingError('shape-mismatch', message);
}

function dataOf(
  parameter: ModelParameter,
  name: string,
  isTransposed: boolean,
  tensor: NamedTensor | undefined,
): Float32Array {
  const shape = isTransposed ? parameter.shape.toReversed() : parameter.shape;
  const expected = `parameter "${parameter.name}" is [${parameter.shape.join(' × ')}]`;
  if (tensor === undefined) {
    throw new TrainingError('shape-mismatch', `${expected}; there is no tensor "${name}" for it`);
  }
  const isFitting =
    tensor.shape.length === shape.length &&
    shape.every((size, axis) => size === tensor.shape[axis]) &&
    elementsOf(shape) === tensor.data.length;
  if (!isFitting || (isTransposed && shape.length !== 2)) {
    const way = isTransposed ? ', the other way round,' : '';
    const found = `tensor "${name}"${way} is [${tensor.shape.join(' × ')}]`;
    throw new TrainingError('shape-mismatch', `${expected}, ${found}`);
  }
  return isTransposed ? transposed(tensor) : tensor.data;
}

function transposed({ shape, data }: NamedTensor): Float32Array {
  const [rows = 0, columns = 0] = shape;
  const result = new Float32Array(data.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      result[column * rows + row] = data[row * columns + column] as number;
    }
  }
  return result;
}
