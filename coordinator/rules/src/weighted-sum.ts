// Weighted means of vectors, one vector at a time. Bit-identical everywhere: float64 sums in the
// order given, one rounding to float32 at the end.

/** Invariant: `sum` is Σ weight · vector and `weight` is Σ weight over what was added. */
export class WeightedSum {
  readonly sum: Float64Array;
  weight = 0;

  constructor(elements: number) {
    this.sum = new Float64Array(elements);
  }

  /** Adds `weight` · `vector`, `[elements]`. */
  add(vector: Float32Array, weight: number): void {
    const { sum } = this;
    for (let i = 0; i < sum.length; i++) {
      sum[i] = (sum[i] as number) + weight * (vector[i] as number);
    }
    this.weight += weight;
  }

  /** The mean, `[elements]`, on top of `base` where one is given. */
  mean(base?: Float32Array): Float32Array {
    const { sum, weight } = this;
    const mean = new Float32Array(sum.length);
    if (base === undefined) {
      for (let i = 0; i < mean.length; i++) mean[i] = (sum[i] as number) / weight;
    } else {
      for (let i = 0; i < mean.length; i++) {
        mean[i] = (base[i] as number) + (sum[i] as number) / weight;
      }
    }
    return mean;
  }
}
