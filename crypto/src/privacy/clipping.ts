// Clipping to a Euclidean norm, which bounds what one site or one example can change.

/**
 * What to multiply by so that the norm is at most `clippingNorm`: 1 for shorter vectors.
 *
 * @throws {RangeError} when a coordinate is not finite
 */
export function clippingFactor(values: ArrayLike<number>, clippingNorm: number): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    sum += value * value;
  }
  if (!Number.isFinite(sum)) throw new RangeError('a coordinate is not finite, or far too large');
  const norm = Math.sqrt(sum);
  return norm > clippingNorm ? clippingNorm / norm : 1;
}
