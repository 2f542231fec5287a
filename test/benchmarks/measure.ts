// Repeated measurements and what they come to. Medians, because a shared machine has outliers.

export interface Summary {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** (max − min) / median; 0 when the median is 0. */
  readonly spread: number;
  readonly repeats: number;
}

/** @throws {RangeError} without samples, or when one is not finite. */
export function summarise(samples: readonly number[]): Summary {
  if (samples.length === 0) throw new RangeError('nothing was measured');
  const odd = samples.find((sample) => !Number.isFinite(sample));
  if (odd !== undefined) throw new RangeError(`${odd} is no measurement`);
  const median = percentile(samples, 0.5);
  const min = Math.min(...samples);
  const max = Math.max(...samples);
  const spread = median === 0 ? 0 : (max - min) / Math.abs(median);
  return { median, min, max, spread, repeats: samples.length };
}

/**
 * The value below which the share `rank` of the samples lies, interpolated between neighbours.
 * @throws {RangeError} without samples, or when `rank` is outside [0, 1].
 */
export function percentile(samples: readonly number[], rank: number): number {
  if (samples.length === 0) throw new RangeError('a percentile needs samples');
  if (!(rank >= 0 && rank <= 1)) throw new RangeError(`0 <= rank <= 1, but rank = ${rank}`);
  const sorted = Float64Array.from(samples).sort();
  const at = rank * (sorted.length - 1);
  const below = sorted[Math.floor(at)] ?? 0;
  const above = sorted[Math.ceil(at)] ?? below;
  return below + (above - below) * (at - Math.floor(at));
}

/**
 * Seconds of each of `repeats` calls, after one call that warms up and is not counted.
 * @throws the signal's reason between two calls.
 */
export async function measureSeconds(
  repeats: number,
  action: () => unknown,
  signal: AbortSignal,
): Promise<Summary> {
  const seconds: number[] = [];
  for (let repeat = 0; repeat <= repeats; repeat++) {
    signal.throwIfAborted();
    const startedMs = performance.now();
    await action();
    if (repeat > 0) seconds.push((performance.now() - startedMs) / 1000);
  }
  return summarise(seconds);
}
