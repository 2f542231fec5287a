// Wilson 1927, "Probable inference, the law of succession, and statistical inference".

export interface ConfidenceInterval {
  readonly lower: number;
  readonly upper: number;
}

/** Standard deviations on either side of 95 % of a normal distribution. */
export const DEVIATIONS_95 = 1.96;

/**
 * The 95 % score interval of a mean of `count` independent values in `[0, 1]`. Made for
 * proportions; no values in `[0, 1]` of the same mean vary more, so it holds for them too. Unlike
 * the plain one it keeps its width when every value is 1.
 */
export function wilsonInterval(mean: number, count: number): ConfidenceInterval {
  if (count === 0) return { lower: 0, upper: 1 };
  const square = DEVIATIONS_95 ** 2;
  const centre = mean + square / (2 * count);
  const spread = DEVIATIONS_95 * Math.sqrt((mean * (1 - mean)) / count + square / (4 * count ** 2));
  const scale = 1 + square / count;
  return {
    lower: Math.max(0, (centre - spread) / scale),
    upper: Math.min(1, (centre + spread) / scale),
  };
}
