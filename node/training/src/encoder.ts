// The shared encoder: sparse hashed features times one embedding table, L2-normalised, so that a
// dot product is a cosine. The untrained table is a Gaussian random projection
// (Johnson–Lindenstrauss), a usable encoder before any training.
import { gatherRow } from './dense-kernels.ts';
import { mix32 } from './seeded-random.ts';
import type { SparseRows } from './sparse-rows.ts';
import { TrainingError } from './training-error.ts';

/** Invariant: parameters are one Float32Array [buckets × dimension], row-major. */
export interface EncoderShape {
  readonly buckets: number;
  /** A positive multiple of 8: the kernels are unrolled by 8. */
  readonly dimension: number;
}

/** 8,192 × 128 = 1,048,576 parameters. */
export const DEFAULT_ENCODER_SHAPE: EncoderShape = Object.freeze({ buckets: 8192, dimension: 128 });

/** The number of parameters of a shape. */
export function parameterCount(shape: EncoderShape): number {
  return shape.buckets * shape.dimension;
}

/**
 * The untrained table: independent near-Gaussian entries with standard deviation 1/√dimension.
 *
 * Each entry is the centred sum of twelve 16-bit uniforms (Irwin–Hall, variance 1): integer sums and
 * one exactly rounded scaling. Box–Muller would need Math.log and Math.cos, whose last bits may
 * differ between engines, and then two sites would not start from the same model.
 *
 * @returns [buckets × dimension], the same bits on every platform for the same seed
 */
export function initialParameters(shape: EncoderShape, seed: number): Float32Array {
  assertShape(shape);
  const parameters = new Float32Array(parameterCount(shape));
  const scale = 1 / (65536 * Math.sqrt(shape.dimension));
  const key = mix32(seed);
  for (let i = 0; i < parameters.length; i++) {
    let sum = 0;
    for (let draw = 0; draw < 6; draw++) {
      const bits = mix32(mix32(i * 6 + draw) ^ key);
      sum += (bits >>> 16) + (bits & 0xffff) + 1;
    }
    parameters[i] = (sum - 6 * 65536) * scale;
  }
  return parameters;
}

/**
 * Encodes sparse rows.
 *
 * @param parameters [buckets × dimension]
 * @returns [rows × dimension], each row of unit L2 norm; a row without features is all zeros
 * @throws TrainingError `shape-mismatch`
 */
export function encode(
  shape: EncoderShape,
  parameters: Float32Array,
  features: SparseRows,
): Float32Array {
  assertParameters(shape, parameters);
  assertBuckets(shape, features, 'features');
  const { dimension } = shape;
  const encoded = new Float32Array(features.rows * dimension);
  const sums = new Float64Array(dimension);
  for (let row = 0; row < features.rows; row++) {
    const start = features.offsets[row] as number;
    const end = features.offsets[row + 1] as number;
    gatherRow(parameters, dimension, features.indices, features.weights, start, end, sums, 0);
    let squares = 0;
    for (let d = 0; d < dimension; d++) squares += (sums[d] as number) * (sums[d] as number);
    const scale = squares === 0 ? 0 : 1 / Math.sqrt(squares);
    for (let d = 0; d < dimension; d++) encoded[row * dimension + d] = (sums[d] as number) * scale;
  }
  return encoded;
}

/** Throws `shape-mismatch` unless the shape is one the kernels can run. */
export function assertShape(shape: EncoderShape): void {
  const { buckets, dimension } = shape;
  if (!(Number.isInteger(buckets) && buckets > 0 && dimension > 0 && dimension % 8 === 0)) {
    throw new TrainingError(
      'shape-mismatch',
      `encoder ${buckets} × ${dimension}: need positive buckets and a dimension divisible by 8`,
    );
  }
}

/** Throws `shape-mismatch` unless there is one parameter for every cell of the shape. */
export function assertParameters(shape: EncoderShape, parameters: Float32Array): void {
  assertShape(shape);
  if (parameters.length !== parameterCount(shape)) {
    throw new TrainingError(
      'shape-mismatch',
      `${parameters.length} parameters for an encoder of ${shape.buckets} × ${shape.dimension}`,
    );
  }
}

/** Throws `shape-mismatch` unless the features were hashed for this shape. */
export function assertBuckets(shape: EncoderShape, features: SparseRows, what: string): void {
  if (features.buckets !== shape.buckets) {
    throw new TrainingError(
      'shape-mismatch',
      `${what} were hashed into ${features.buckets} buckets, the encoder has ${shape.buckets}`,
    );
  }
}
