export interface NamedTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** Flat, row-major. */
  readonly data: Float32Array;
}
