import { fc, testProp } from '@fast-check/ava';
import { gaussianRows, rowOf } from '../sample-vectors.ts';
import { NearestCentroids } from './nearest-centroids.ts';

function squareOf(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, d) => sum + (value - (b[d] ?? Number.NaN)) ** 2, 0);
}

testProp(
  'every row gets its nearest centroid and its distance from it, short or long, few or many',
  [
    fc.integer({ min: 1, max: 200 }),
    fc.integer({ min: 1, max: 30 }),
    fc.integer({ min: 1, max: 40 }),
    fc.constantFrom('assign', 'reassign'),
    fc.nat(),
  ],
  (t, dimension, clusters, count, method, seed) => {
    const space = new NearestCentroids(dimension, clusters, count);
    const rows = gaussianRows(seed, count, dimension);
    const centroids = gaussianRows(seed + 1, clusters, dimension);
    for (let row = 0; row < count; row++) {
      space.putRow(row, rows, row, dimension);
      space.nearest[row] = row % clusters;
    }
    for (let c = 0; c < clusters; c++) {
      space.centroids.set(rowOf(centroids, dimension, c), c * space.rowLength);
    }
    space[method](count);
    for (let row = 0; row < count; row++) {
      const own = rowOf(rows, dimension, row);
      const squares = Array.from({ length: clusters }, (_, c) =>
        squareOf(own, rowOf(centroids, dimension, c)),
      );
      const least = Math.min(...squares);
      const tolerance = 1e-5 * (1 + least);
      t.true(Math.abs((squares[space.nearest[row] ?? -1] ?? Number.NaN) - least) < tolerance);
      t.true(Math.abs((space.squares[row] ?? Number.NaN) - least) < tolerance);
    }
  },
  { seed: 71, numRuns: 150 },
);
