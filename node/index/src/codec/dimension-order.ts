// Rows in an order of falling variance: the first components decide most comparisons, so the
// kernel reads most rows no further (a permutation changes no distance; PCA would rotate as well).

import type { CodecOptions, Components } from './codec.ts';

/** Rows that variances are estimated from. */
const SAMPLE_MAX = 2_048;
/** Shorter rows are read whole: a look in between costs more than it saves. */
const ROW_BYTES_MIN = 768;
/** The share of a row that is loaded at once, and what the components there must vary. */
const START_SHARE = 1 / 3;
const START_VARIANCE_MIN = 0.6;
const START_BYTES_MIN = 512;
const LINE_BYTES = 64;

/** How rows are stored so that few of their bytes need be read. */
export interface DimensionOrder {
  /** The component that each place of a stored row holds, `[dimension]`. */
  readonly components: Int32Array;
  /** Bytes of a row that hold most of the variance. */
  readonly startBytes: number;
}

/** Bytes of a stored component whose place makes no difference; undefined where it makes one. */
export function freeComponentBytes({ metric, vectorType }: CodecOptions): number | undefined {
  if (metric !== 'euclidean') return undefined;
  return vectorType === 'f32' ? 4 : vectorType === 'u8' ? 1 : undefined;
}

/**
 * The order of falling variance, where it pays; equal variances keep their order.
 *
 * @param rows - `[rows × dimension]`
 * @param componentBytes - of a component as it is stored
 * @returns `undefined` where rows are short or variance is spread evenly
 */
export function orderByVariance(
  rows: Components,
  dimension: number,
  componentBytes: number,
): DimensionOrder | undefined {
  const rowBytes = dimension * componentBytes;
  if (rowBytes < ROW_BYTES_MIN) return undefined;
  const variances = variancesOf(rows, dimension);
  const components = Int32Array.from(variances.keys());
  components.sort((a, b) => (variances[b] as number) - (variances[a] as number) || a - b);
  const wanted = Math.max(START_BYTES_MIN, rowBytes * START_SHARE);
  const startBytes = Math.ceil(wanted / LINE_BYTES) * LINE_BYTES;
  let total = 0;
  let start = 0;
  for (const [place, component] of components.entries()) {
    const variance = variances[component] as number;
    total += variance;
    if (place < dimension * START_SHARE) start += variance;
  }
  return total > 0 && start >= START_VARIANCE_MIN * total ? { components, startBytes } : undefined;
}

/** Whether a list names every component once. */
export function isPermutation(components: Int32Array): boolean {
  const sorted = components.toSorted();
  return sorted.every((component, place) => component === place);
}

/** Copies a row `[dimension]` from its natural order to that of `order`. */
export function arrangeRow(
  order: DimensionOrder,
  source: Components,
  sourceStart: number,
  target: Components,
  targetStart: number,
): void {
  const { components } = order;
  for (let place = 0; place < components.length; place++) {
    const component = components[place] as number;
    target[targetStart + place] = source[sourceStart + component] as number;
  }
}

/** The stored row `[dimension]` in its natural order; a copy. */
export function restoreRow(order: DimensionOrder, stored: Components): Float32Array {
  const row = new Float32Array(order.components.length);
  for (const [place, component] of order.components.entries()) {
    row[component] = stored[place] as number;
  }
  return row;
}

function variancesOf(rows: Components, dimension: number): Float64Array {
  const count = Math.floor(rows.length / dimension);
  const step = Math.max(1, Math.floor(count / SAMPLE_MAX));
  const sampled = Math.ceil(count / step);
  const sums = new Float64Array(dimension);
  for (let row = 0; row < count; row += step) {
    for (let i = 0; i < dimension; i++) {
      sums[i] = (sums[i] as number) + (rows[row * dimension + i] as number);
    }
  }
  const means = sums.map((sum) => sum / sampled);
  const squares = new Float64Array(dimension);
  for (let row = 0; row < count; row += step) {
    for (let i = 0; i < dimension; i++) {
      const from = (rows[row * dimension + i] as number) - (means[i] as number);
      squares[i] = (squares[i] as number) + from ** 2;
    }
  }
  return squares;
}
