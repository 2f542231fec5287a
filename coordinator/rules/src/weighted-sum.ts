// Weighted sums of vectors, one vector at a time. Bit-identical everywhere: float64 sums in the
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
    this.weight += weight;
    for (let i = 0; i < sum.length; i++) {
      sum[i] = (sum[i] as number) + weight * (vector[i] as number);
    }
  }

  /** Adds `weight` · (`vector` − `base`), `[elements]`, with the difference in float64. */
  addDifference(vector: Float32Array, base: Float32Array, weight: number): void {
    const { sum } = this;
    this.weight += weight;
    for (let i = 0; i < sum.length; i++) {
      sum[i] = (sum[i] as number) + weight * ((vector[i] as number) - (base[i] as number));
    }
  }

  /** The mean, `[elements]`. */
  mean(): Float32Array {
    const { sum, weight } = this;
    const mean = new Float32Array(sum.length);
    for (let i = 0; i < mean.length; i++) mean[i] = (sum[i] as number) / weight;
    return mean;
  }

  /** `base` + the mean, `[elements]`. */
  meanOnto(base: Float32Array): Float32Array {
    const { sum, weight } = this;
    const next = new Float32Array(sum.length);
    for (let i = 0; i < next.length; i++) {
      next[i] = (base[i] as number) + (sum[i] as number) / weight;
    }
    return next;
  }

  /** `base` + `factor` · sum, `[elements]`. */
  scaledOnto(base: Float32Array, factor: number): Float32Array {
    const { sum } = this;
    const next = new Float32Array(sum.length);
    for (let i = 0; i < next.length; i++) {
      next[i] = (base[i] as number) + factor * (sum[i] as number);
    }
    return next;
  }
}

/** ‖a − b‖², summed in float64 in index order. */
export function squaredDistance(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = (a[i] as number) - (b[i] as number);
    sum += difference * difference;
  }
  return sum;
}
