/** A few numbers that stand for many. */
export interface Distribution {
  readonly count: number;
  readonly mean: number;
  readonly min: number;
  readonly p50: number;
  readonly p95: number;
  readonly max: number;
}

const NOTHING: Distribution = Object.freeze({
  ...{ count: 0, mean: 0, min: 0, p50: 0, p95: 0, max: 0 },
});

/** Sums up values; all zero when there are none. */
export function distributionOf(values: ArrayLike<number>): Distribution {
  if (values.length === 0) return NOTHING;
  const sorted = Float64Array.from(values).sort();
  let sum = 0;
  for (const value of sorted) sum += value;
  return {
    count: sorted.length,
    mean: sum / sorted.length,
    min: quantileOf(sorted, 0),
    p50: quantileOf(sorted, 0.5),
    p95: quantileOf(sorted, 0.95),
    max: quantileOf(sorted, 1),
  };
}

/** The value below which a share of the sorted values lies, by nearest rank. */
export function quantileOf(sorted: Float64Array, share: number): number {
  const rank = Math.max(1, Math.ceil(share * sorted.length));
  return sorted[rank - 1] ?? 0;
}
