// A site as the pattern benchmark sees it: rows, queries to learn from, queries held out.

import { FlatIndex, HnswIndex, SeededRandom, type VectorIndex } from '@starling/index';
import type { BasedQueries } from '@starling/learning';

export interface QueryWorld {
  readonly index: VectorIndex;
  readonly oracle: VectorIndex;
  readonly asked: BasedQueries;
  readonly heldOut: BasedQueries;
}

/** An index and its oracle over rows of unit length. @param rows - `[count × dimension]` */
export function indexed(rows: Float32Array, dimension: number, seed: number) {
  const ids = Array.from({ length: rows.length / dimension }, (_, row) => String(row));
  const index = new HnswIndex({ dimension, metric: 'cosine', seed });
  const oracle = new FlatIndex({ dimension, metric: 'cosine' });
  for (const each of [index, oracle]) each.insertBatch(ids, rows);
  return { index, oracle };
}

/**
 * Topics of very different difficulty: topic t spreads over 2^(1 + t mod 6) directions of 64, so
 * that some are easy to walk and some are not. Queries lie where rows do, and their base space is
 * the index's own: the best case for patterns.
 */
export function topicWorld(seed: number, sizes: { rows: number; queries: number }): QueryWorld {
  const dimension = 64;
  const topics = 12;
  const random = new SeededRandom(seed);
  const normal = () =>
    Math.sqrt(-2 * Math.log(random.nextOpenUnit())) * Math.cos(2 * Math.PI * random.nextOpenUnit());
  const direction = () => unit(Float32Array.from({ length: dimension }, normal));
  const shapes = Array.from({ length: topics }, (_, topic) => ({
    centre: direction(),
    axes: Array.from({ length: 2 ** (1 + (topic % 6)) }, direction),
  }));
  const draw = (count: number): Float32Array => {
    const vectors = new Float32Array(count * dimension);
    for (let row = 0; row < count; row++) {
      const { axes, centre } = shapes[row % topics] as (typeof shapes)[number];
      const point = centre.slice();
      for (const axis of axes) {
        const along = normal() / Math.sqrt(axes.length);
        for (let d = 0; d < dimension; d++) point[d] = (point[d] ?? 0) + along * (axis[d] ?? 0);
      }
      vectors.set(unit(point), row * dimension);
    }
    return vectors;
  };
  const queries = (): BasedQueries => {
    const vectors = draw(sizes.queries);
    return { base: vectors, encoded: vectors, count: sizes.queries };
  };
  return { ...indexed(draw(sizes.rows), dimension, seed), asked: queries(), heldOut: queries() };
}

function unit(vector: Float32Array): Float32Array {
  const length = Math.hypot(...vector);
  return vector.map((component) => component / length);
}
