// The space that patterns live in: the untrained projection of the federation, the same at every site
// and for every encoder version.

import { quantised } from '@starling/learning';
import { type EncoderShape, encode, initialParameters, type SparseRows } from '@starling/training';

export class BaseSpace {
  readonly shape: EncoderShape;
  readonly #seed: number;
  #parameters: Float32Array | undefined;

  constructor(shape: EncoderShape, seed: number) {
    this.shape = shape;
    this.#seed = seed;
  }

  /** `[buckets × dimension]`; drawn when it is first needed, which takes a moment. */
  get parameters(): Float32Array {
    this.#parameters ??= initialParameters(this.shape, this.#seed);
    return this.#parameters;
  }

  /** One query as patterns are compared with it. @param features - one row */
  point(features: SparseRows, scale: number): Int8Array {
    return quantised(encode(this.shape, this.parameters, features), scale);
  }
}
