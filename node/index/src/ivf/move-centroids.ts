import { writeRow } from '../codec/distance.ts';
import type { SeededRandom } from '../seeded-random.ts';
import type { NearestCentroids } from './nearest-centroids.ts';
import { copyToCentroid } from './seed-centroids.ts';

/**
 * Moves every centroid to the mean of its rows, under `cosine` scaled to length one. A centroid
 * without rows moves onto a random row of the largest cluster, which then counts as halved. None
 * of this raises the inertia: a mean is the best place for its rows, and nobody misses a centroid
 * that was nobody's nearest.
 */
export function moveCentroids(
  space: NearestCentroids,
  metric: 'euclidean' | 'cosine',
  random: SeededRandom,
): void {
  const { centroids, clusters, dimension, rowLength } = space;
  const sizes = new Float64Array(clusters);
  const sums = sumRows(space, sizes);
  const mean = new Float32Array(dimension);
  for (let c = 0; c < clusters; c++) {
    const size = sizes[c] as number;
    if (size === 0) continue;
    let square = 0;
    for (let d = 0; d < dimension; d++) {
      mean[d] = (sums[c * dimension + d] as number) / size;
      square += (mean[d] as number) ** 2;
    }
    // Rows that cancel out have no direction; any is as good as the one before.
    if (metric === 'cosine' && square === 0) continue;
    writeRow(metric, mean, 0, centroids, c * rowLength, dimension);
  }
  reseedEmpty(space, sizes, random);
}

function sumRows(space: NearestCentroids, sizes: Float64Array): Float64Array {
  const { capacity, clusters, dimension, nearest, rowLength, rows } = space;
  const sums = new Float64Array(clusters * dimension);
  for (let row = 0; row < capacity; row++) {
    const c = nearest[row] as number;
    sizes[c] = (sizes[c] as number) + 1;
    const to = c * dimension;
    const from = row * rowLength;
    for (let d = 0; d < dimension; d++) {
      sums[to + d] = (sums[to + d] as number) + (rows[from + d] as number);
    }
  }
  return sums;
}

function reseedEmpty(space: NearestCentroids, sizes: Float64Array, random: SeededRandom): void {
  const empty = [...sizes.keys()].filter((c) => sizes[c] === 0);
  if (empty.length === 0) return;
  const weights = sizes.slice();
  for (const c of empty) {
    const largest = weights.indexOf(weights.reduce((most, weight) => Math.max(most, weight), 0));
    const row = drawMember(space, largest, random);
    if (row >= 0) copyToCentroid(space, row, c);
    weights[largest] = (weights[largest] as number) / 2;
  }
}

/** A random row of a cluster off its centroid; -1 when all lie on it. */
function drawMember(space: NearestCentroids, cluster: number, random: SeededRandom): number {
  const { capacity, nearest, squares } = space;
  let drawn = -1;
  let seen = 0;
  for (let row = 0; row < capacity; row++) {
    if (nearest[row] !== cluster || squares[row] === 0) continue;
    // Reservoir sampling of one.
    if (random.nextUint32() % ++seen === 0) drawn = row;
  }
  return drawn;
}
