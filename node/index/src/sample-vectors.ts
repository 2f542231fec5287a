// Reproducible data for tests and measurements.

import { SeededRandom } from './seeded-random.ts';

/** Independent standard normal components, `[rows × dimension]`. */
export function gaussianRows(seed: number, rows: number, dimension: number): Float32Array {
  const random = new SeededRandom(seed);
  return Float32Array.from({ length: rows * dimension }, () => nextNormal(random));
}

/** Rows scattered around `clusters` centres, `[rows × dimension]`: what embeddings look like. */
export function clusteredRows(
  seed: number,
  rows: number,
  dimension: number,
  clusters: number,
): Float32Array {
  const centres = gaussianRows(seed, clusters, dimension);
  const noise = gaussianRows(seed + 1, rows, dimension);
  return noise.map((value, position) => {
    const row = Math.floor(position / dimension);
    const centre = (row % clusters) * dimension + (position % dimension);
    return (centres[centre] as number) + 0.3 * value;
  });
}

/** Rows near a surface of ten dimensions, clipped to bytes: as images are. `[rows × dimension]` */
export function imageLikeRows(seed: number, rows: number, dimension: number): Float32Array {
  const map = gaussianRows(1, 10 * dimension, 1);
  const places = gaussianRows(seed, rows, 10);
  return Float32Array.from({ length: rows * dimension }, (_, at) => {
    let value = 40;
    for (let i = 0; i < 10; i++) {
      const place = places[Math.floor(at / dimension) * 10 + i] as number;
      value += 25 * place * (map[(at % dimension) * 10 + i] as number);
    }
    return Math.min(255, Math.max(0, Math.round(value)));
  });
}

/** Row `row` of `[rows × dimension]`, as a view. */
export function rowOf(rows: Float32Array, dimension: number, row: number): Float32Array {
  return rows.subarray(row * dimension, (row + 1) * dimension);
}

/** The ids `doc-0`, `doc-1`, … */
export function numberedIds(rows: number): string[] {
  return Array.from({ length: rows }, (_, row) => `doc-${row}`);
}

/** The integers below `length` in a reproducible random order (Fisher & Yates). */
export function shuffledIntegers(seed: number, length: number): number[] {
  const random = new SeededRandom(seed);
  const order = Array.from({ length }, (_, i) => i);
  for (let i = length - 1; i > 0; i--) {
    const j = random.nextUint32() % (i + 1);
    const swapped = order[i] as number;
    order[i] = order[j] as number;
    order[j] = swapped;
  }
  return order;
}

function nextNormal(random: SeededRandom): number {
  const radius = Math.sqrt(-2 * Math.log(random.nextOpenUnit()));
  return radius * Math.cos(2 * Math.PI * random.nextOpenUnit());
}
