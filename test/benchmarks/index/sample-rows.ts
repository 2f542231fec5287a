import { SeededRandom } from '@starling/index';
import type { SetSize, VectorSet } from './vector-set.ts';

export type SampleKind = 'clustered' | 'independent';

const CLUSTERS = 100;
const CLUSTER_RADIUS = 0.3;
/** Sums of four uniforms end here, on either side of zero. */
const NOISE_MAX = 2;

/** Near-Gaussian rows (sums of uniforms) as bytes, around cluster centres or on their own. */
export function sampledSet(kind: SampleKind, size: SetSize): VectorSet {
  const { dimension, queryCount, rows, seed } = size;
  const random = new SeededRandom(seed);
  const centres = Float64Array.from({ length: CLUSTERS * dimension }, () => noise(random));
  const vectors = new Uint8Array((rows + queryCount) * dimension);
  const isClustered = kind === 'clustered';
  const valueMax = NOISE_MAX * (isClustered ? 1 + CLUSTER_RADIUS : 1);
  for (let at = 0; at < vectors.length; at += dimension) {
    const centre = Math.floor(random.nextOpenUnit() * CLUSTERS) * dimension;
    for (let d = 0; d < dimension; d++) {
      const value = isClustered
        ? (centres[centre + d] as number) + noise(random) * CLUSTER_RADIUS
        : noise(random);
      vectors[at + d] = Math.round(((value + valueMax) / (2 * valueMax)) * 255);
    }
  }
  const base = vectors.subarray(0, rows * dimension);
  const queries = vectors.subarray(rows * dimension);
  return { dimension, rows, queryCount, base, queries };
}

function noise(random: SeededRandom): number {
  const sum =
    random.nextOpenUnit() + random.nextOpenUnit() + random.nextOpenUnit() + random.nextOpenUnit();
  return sum - NOISE_MAX;
}
