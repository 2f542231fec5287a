// Conditional stochastic rounding (Kairouz, Liu and Steinke 2021, §4.1): round each coordinate up or
// down at random, again until the norm is not much above the unrounded one, so that rounding adds
// to the sensitivity by little and never by chance.

import { type Pace, yieldingPace } from '../secagg/pace.ts';
import { inTurns } from './in-turns.ts';
import type { UniformDraws } from './uniform-draws.ts';

/** A vector of the allowed norm passes a try with 1 − e^-1/2 or more: never reached by chance. */
const TRIES_MAX = 1_000;
const ELEMENTS_PER_TURN = 1 << 18;

/**
 * The square of the Euclidean norm that a rounded vector may have, for unrounded norms up to
 * `norm`, in units of the grid: Theorem 1 with β = e^-1/2, for which √(2 ln(1/β)) = 1.
 */
export function roundedNormSquaredMax(norm: number, elements: number): number {
  const certain = (norm + Math.sqrt(elements)) ** 2;
  const likely = norm ** 2 + elements / 4 + norm + Math.sqrt(elements) / 2;
  return Math.min(certain, likely);
}

/**
 * Rounds to whole numbers without bias, until the squared norm is at most `normSquaredMax`.
 *
 * @param values `[d]`, each below 2^30 in size
 * @throws {RangeError} when no rounding of these values keeps the norm
 */
export async function roundConditionally(
  values: Float64Array,
  normSquaredMax: number,
  draws: UniformDraws,
  pace: Pace = yieldingPace,
): Promise<Int32Array> {
  const rounded = new Int32Array(values.length);
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    let normSquared = 0;
    await inTurns(values.length, ELEMENTS_PER_TURN, pace, (from, to) => {
      for (let i = from; i < to; i++) {
        const value = values[i] as number;
        const below = Math.floor(value);
        const isUp = draws.uint32() * 2 ** -32 < value - below;
        const whole = isUp ? below + 1 : below;
        rounded[i] = whole;
        normSquared += whole * whole;
      }
    });
    if (normSquared <= normSquaredMax) return rounded;
  }
  throw new RangeError('the values are longer than the norm that their rounding was allowed');
}
