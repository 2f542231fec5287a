// k-means++ (Arthur & Vassilvitskii 2007, section 2.2): each next centroid is a row, drawn with a
// probability proportional to its squared distance from the nearest centroid so far.

import type { SeededRandom } from '../seeded-random.ts';
import type { NearestCentroids } from './nearest-centroids.ts';

/**
 * Chooses the first centroids among the rows and leaves the nearest of them in `nearest`.
 * Returns how many distances it took.
 */
export function seedCentroids(space: NearestCentroids, random: SeededRandom): number {
  const { capacity: count, clusters, nearest, squares } = space;
  squares.fill(Number.POSITIVE_INFINITY);
  nearest.fill(0);
  if (clusters >= count) {
    for (let c = 0; c < clusters; c++) copyToCentroid(space, c % count, c);
    space.assign(count);
    return count * clusters;
  }
  copyToCentroid(space, random.nextUint32() % count, 0);
  space.assignOne(count, 0);
  for (let c = 1; c < clusters; c++) {
    copyToCentroid(space, drawBySquare(squares, random), c);
    space.assignOne(count, c);
  }
  return count * clusters;
}

/** Makes a centroid equal to a row. */
export function copyToCentroid(space: NearestCentroids, row: number, centroid: number): void {
  const { centroids, rowLength, rows } = space;
  const start = row * rowLength;
  centroids.set(rows.subarray(start, start + rowLength), centroid * rowLength);
}

// With nothing but zeros every row lies on a centroid, and any will do.
function drawBySquare(squares: Float32Array, random: SeededRandom): number {
  let total = 0;
  for (let row = 0; row < squares.length; row++) total += squares[row] as number;
  if (total === 0) return random.nextUint32() % squares.length;
  let left = total * random.nextOpenUnit();
  let last = 0;
  for (let row = 0; row < squares.length; row++) {
    const square = squares[row] as number;
    if (square === 0) continue;
    last = row;
    left -= square;
    if (left < 0) break;
  }
  return last;
}
