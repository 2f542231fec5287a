// Seeded queries and rows of topics that are more and less easy to search, for tests.

import { FlatIndex, HnswIndex, SeededRandom } from '@starling/index';
import type { BasedQueries } from './learn-patterns.ts';

export const DIMENSION = 16;
export const SCALE = 127;

/** `[count × DIMENSION]` unit rows; row r is of topic r mod `topics`. */
export function topicRows(seed: number, count: number, topics = 3): Float32Array {
  const random = new SeededRandom(seed);
  const rows = new Float32Array(count * DIMENSION);
  for (let row = 0; row < count; row++) {
    const topic = row % topics;
    const vector = Float32Array.from({ length: DIMENSION }, (_, d) => {
      return (d === topic ? 1 : 0) + (random.nextOpenUnit() - 0.5) * (0.4 + 0.3 * topic);
    });
    const length = Math.hypot(...vector);
    rows.set(
      vector.map((component) => component / length),
      row * DIMENSION,
    );
  }
  return rows;
}

/** Queries whose base space is that of the index. */
export function topicQueries(seed: number, count: number, topics = 3): BasedQueries {
  const rows = topicRows(seed, count, topics);
  return { base: rows, encoded: rows, count };
}

export function topicSite(rows = 1_500) {
  const index = new HnswIndex({ dimension: DIMENSION, metric: 'cosine', m: 4, efConstruction: 16 });
  const oracle = new FlatIndex({ dimension: DIMENSION, metric: 'cosine' });
  const ids = Array.from({ length: rows }, (_, row) => `doc-${row}`);
  for (const each of [index, oracle]) each.insertBatch(ids, topicRows(1, rows));
  return { index, oracle };
}
