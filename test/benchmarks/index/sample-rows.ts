import { SeededRandom } from '@starling/index';

const CLUSTERS = 100;

/** Near-Gaussian rows (sums of uniforms), around cluster centres or on their own. */
export function sampleRows(
  kind: 'clustered' | 'independent',
  rows: number,
  dimension: number,
  seed: number,
): Float32Array {
  const random = new SeededRandom(seed);
  const noise = () =>
    random.nextOpenUnit() +
    random.nextOpenUnit() +
    random.nextOpenUnit() +
    random.nextOpenUnit() -
    2;
  const centres = Float32Array.from({ length: CLUSTERS * dimension }, noise);
  const vectors = new Float32Array(rows * dimension);
  for (let at = 0; at < rows; at++) {
    const centre = Math.floor(random.nextOpenUnit() * CLUSTERS) * dimension;
    for (let d = 0; d < dimension; d++) {
      const middle = kind === 'clustered' ? (centres[centre + d] as number) : 0;
      vectors[at * dimension + d] = middle + noise() * (kind === 'clustered' ? 0.3 : 1);
    }
  }
  return vectors;
}
