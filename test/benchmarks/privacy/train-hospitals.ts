// Four hospitals learn one model together, in the ways that differ in whom noise protects.

import {
  type DistributedNoise,
  decodePrivateSum,
  encodePrivateUpdate,
  gaussianRdp,
  poissonBatch,
  privatiseGradients,
  type RandomSource,
  type Sampling,
} from '@starling/crypto';
import { type Examples, FEATURES, pick } from './heart-disease.ts';
import { descend, exampleGradients, meanGradient } from './logistic-regression.ts';

export const DELTA = 1e-5;

/** Noisy gradients: each site adds noise to every gradient, and the sites' models are averaged. */
const GRADIENT_STEPS = 200;
const GRADIENT_RATE = 0.1;
const GRADIENT_CLIP = 1;
const LEARNING_RATE = 1;
/** Noisy sums: each site trains without noise and clips its update, the sum is noisy. */
const SUM_ROUNDS = 10;
const SUM_LOCAL_STEPS = 20;
const SUM_CLIP = 1;

/** The same training with no noise at all. */
export function trainOpenly(sites: readonly Examples[]): Float64Array {
  const weights = new Float64Array(FEATURES);
  for (let step = 0; step < GRADIENT_STEPS; step++) {
    const gradients = sites.map((site) => meanGradient(weights, site));
    descend(weights, meanBySize(gradients, sites), learningRateAt(step));
  }
  return weights;
}

/** One hospital on its own data alone. */
export function trainAlone(site: Examples): Float64Array {
  return trainOpenly([site]);
}

/** ε for every single person of every hospital; nobody outside a hospital is trusted. */
export function trainWithGradientNoise(
  sites: readonly Examples[],
  epsilon: number,
  random: RandomSource,
): Float64Array {
  const sampling: Sampling = { kind: 'poisson', rate: GRADIENT_RATE };
  const noiseMultiplier = noiseFor(epsilon, sampling, GRADIENT_STEPS);
  const weights = new Float64Array(FEATURES);
  for (let step = 0; step < GRADIENT_STEPS; step++) {
    const gradients = sites.map((site) => {
      const batch = pick(site, poissonBatch(site.rows, GRADIENT_RATE, random));
      const expectedBatch = GRADIENT_RATE * site.rows;
      const settings = { clippingNorm: GRADIENT_CLIP, expectedBatch, noiseMultiplier };
      return privatiseGradients(exampleGradients(weights, batch), FEATURES, settings, random);
    });
    descend(weights, meanBySize(gradients, sites), learningRateAt(step));
  }
  return weights;
}

/** ε for whether a whole hospital took part; Skellam shares, so that nobody sees less than the sum. */
export async function trainWithSumNoise(
  sites: readonly Examples[],
  epsilon: number,
  random: RandomSource,
): Promise<Float64Array> {
  const noiseMultiplier = noiseFor(epsilon, { kind: 'all' }, SUM_ROUNDS);
  const weights = new Float64Array(FEATURES);
  for (let round = 0; round < SUM_ROUNDS; round++) {
    const settings: DistributedNoise = {
      mechanism: 'skellam',
      elements: FEATURES,
      clippingNorm: SUM_CLIP,
      noiseMultiplier,
      survivorsMin: sites.length,
      participants: sites.length,
      rotationSeed: new Uint8Array(32).fill(round),
    };
    const sum: number[] = [];
    for (const site of sites) {
      const update = Float32Array.from(localUpdate(weights, site));
      const coordinates = await encodePrivateUpdate(update, settings, random);
      coordinates.forEach((value, i) => {
        sum[i] = (sum[i] ?? 0) + value;
      });
    }
    descend(weights, await decodePrivateSum(sum, settings, sites.length), -1);
  }
  return weights;
}

/** Smaller in later steps, which averages noise out. */
function learningRateAt(step: number): number {
  return LEARNING_RATE / (1 + step / 50);
}

/** The least noise multiplier whose uses together cost no more than ε. */
export function noiseFor(epsilon: number, sampling: Sampling, uses: number): number {
  let [enough, tooLittle] = [10_000, 0.05];
  for (let i = 0; i < 30; i++) {
    const middle = Math.sqrt(enough * tooLittle);
    const cost = gaussianRdp(middle, sampling).times(uses).epsilon(DELTA, 'tight').epsilon;
    if (cost <= epsilon) enough = middle;
    else tooLittle = middle;
  }
  return enough;
}

function localUpdate(from: Float64Array, site: Examples): Float64Array {
  const weights = from.slice();
  for (let step = 0; step < SUM_LOCAL_STEPS; step++) {
    descend(weights, meanGradient(weights, site), LEARNING_RATE);
  }
  return weights.map((weight, i) => weight - (from[i] as number));
}

function meanBySize(vectors: readonly Float64Array[], sites: readonly Examples[]): Float64Array {
  const all = sites.reduce((sum, { rows }) => sum + rows, 0);
  const mean = new Float64Array(FEATURES);
  for (const [site, vector] of vectors.entries()) {
    const share = (sites[site]?.rows ?? 0) / all;
    for (let i = 0; i < FEATURES; i++) {
      mean[i] = (mean[i] as number) + share * (vector[i] as number);
    }
  }
  return mean;
}
