// One site's update as noisy integers, and the sum of many back as a mean. In order: clip, pad,
// rotate, scale, round conditionally, add the site's share of noise.

import type { RandomSource } from '../random-source.ts';
import { type Pace, yieldingPace } from '../secagg/pace.ts';
import { clippingFactor } from './clipping.ts';
import { roundConditionally } from './conditional-rounding.ts';
import { discreteGaussian } from './discrete-gaussian.ts';
import { type DistributedNoise, type NoiseShape, noiseShape } from './distributed-noise.ts';
import { inTurns } from './in-turns.ts';
import { rotate, unrotate } from './random-rotation.ts';
import { SkellamSampler } from './skellam.ts';
import { UniformDraws } from './uniform-draws.ts';

/** A sample takes about 0.3 µs. */
const SAMPLES_PER_TURN = 1 << 14;
const ELEMENTS_PER_TURN = 1 << 19;

/**
 * Clips, rotates, rounds and adds this site's share of noise; the caller adds the coordinates
 * modulo 2^ring. Sensitivity: without its noise the result has at most the norm
 * `√normSquaredMax` of {@link noiseShape}, always.
 *
 * Every site has weight 1. With weights the largest one would set the noise of all, and a site's
 * number of examples, which the noise does not hide, would show in the sum.
 *
 * Noise drawn anew for the same update is another release: either at most one of the results is ever
 * opened in a sum, or each is paid for.
 *
 * @param update `[elements]`, finite
 * @returns `[paddedElements]`
 * @throws {RangeError} for settings with a `noiseProblem`, or an update of another length
 */
export async function encodePrivateUpdate(
  update: Float32Array,
  settings: DistributedNoise,
  random: RandomSource,
  pace: Pace = yieldingPace,
): Promise<Int32Array> {
  const shape = noiseShape(settings);
  if (update.length !== settings.elements) {
    throw new RangeError(`${update.length} coordinates, ${settings.elements} were agreed`);
  }
  const draws = new UniformDraws(random);
  const values = new Float64Array(shape.paddedElements);
  const factor = clippingFactor(update, settings.clippingNorm) * shape.scale;
  await inTurns(update.length, ELEMENTS_PER_TURN, pace, (from, to) => {
    for (let i = from; i < to; i++) values[i] = (update[i] as number) * factor;
  });
  await rotate(values, settings.rotationSeed, pace);
  const coordinates = await roundConditionally(values, shape.normSquaredMax, draws, pace);
  const sample = shareSampler(settings, shape, draws);
  await inTurns(coordinates.length, SAMPLES_PER_TURN, pace, (from, to) => {
    for (let i = from; i < to; i++) coordinates[i] = (coordinates[i] as number) + sample();
  });
  return coordinates;
}

/**
 * The mean update of the survivors: unbiased, with noise of standard deviation `noiseMultiplier ·
 * clippingNorm / survivors` per coordinate when `survivorsMin` survived, somewhat more when more did.
 * Every machine gets the same bits.
 *
 * @param sum `[paddedElements]` whole numbers, centred around zero
 * @param survivors sites in the sum
 * @returns `[elements]`
 * @throws {RangeError} for settings with a `noiseProblem`, or a sum of another length
 */
export async function decodePrivateSum(
  sum: ArrayLike<number>,
  settings: DistributedNoise,
  survivors: number,
  pace: Pace = yieldingPace,
): Promise<Float64Array> {
  const { paddedElements, scale } = noiseShape(settings);
  if (sum.length !== paddedElements || !(survivors >= 1)) {
    throw new RangeError(`${sum.length} of ${paddedElements} coordinates, ${survivors} survivors`);
  }
  const values = new Float64Array(paddedElements);
  await inTurns(paddedElements, ELEMENTS_PER_TURN, pace, (from, to) => {
    for (let i = from; i < to; i++) values[i] = (sum[i] as number) / (scale * survivors);
  });
  await unrotate(values, settings.rotationSeed, pace);
  return values.slice(0, settings.elements);
}

function shareSampler(
  { mechanism }: DistributedNoise,
  { shareStdDev, shareVariance }: NoiseShape,
  draws: UniformDraws,
): () => number {
  if (mechanism === 'discrete-gaussian') return () => discreteGaussian(draws, shareStdDev);
  const sampler = new SkellamSampler(shareVariance);
  return () => sampler.sample(draws);
}
