// sq8 under cosine, euclidean and manhattan: an offset per component and one scale for all, so
// that the exact kernels of bytes rank codes as they rank any bytes.

import { checkComponents } from '../check-input.ts';
import type { Metric } from '../vector-index.ts';
import {
  type Codec,
  type CodecOptions,
  type CodecParameters,
  type Components,
  paddedBytes,
} from './codec.ts';
import { measureOf, writeRow } from './distance.ts';

/**
 * A quarter of the bytes of float32. Within the learned range a component is off by at most half
 * the scale; outside it is clamped. Under cosine a row of zeros, which is at 1 from everything, is
 * ranked as if it were at 1/2.
 */
export class ScaledByteCodec implements Codec {
  readonly vectorType = 'sq8';
  readonly isLossless = false;
  readonly buildsOnExactRows = false;
  readonly metric: Metric;
  readonly dimension: number;
  readonly rowBytes: number;
  readonly queryBytes: number;
  readonly measure: number;
  /** What one step of a code is worth. */
  readonly scale: number;
  readonly #options: CodecOptions;
  readonly #learned: Float32Array;
  readonly #row: Float32Array;

  /** @param learned - the offsets, `[dimension]`, then the scale */
  constructor(options: CodecOptions, learned: Float32Array) {
    const { dimension, metric } = options;
    this.#options = options;
    this.#learned = learned;
    this.dimension = dimension;
    this.metric = metric;
    this.rowBytes = paddedBytes(dimension);
    this.queryBytes = this.rowBytes;
    this.measure = measureOf(metric, 'u8');
    this.scale = learned[dimension] as number;
    this.#row = new Float32Array(dimension);
  }

  /**
   * Learns the range of every component. The widest one sets the scale; the others lie in the
   * middle of the 256 codes.
   *
   * @param rows - `[n × dimension]`, of length one under `cosine`
   */
  static train(options: CodecOptions, rows: Float32Array): ScaledByteCodec {
    const { clippedShare = 0, dimension } = options;
    const ranges = rangesOf(rows, dimension, clippedShare);
    const learned = new Float32Array(dimension + 1);
    const widest = ranges.reduce((most, { low, high }) => Math.max(most, high - low), 0);
    const scale = Math.fround(widest > 0 ? widest / 255 : 1);
    for (const [i, { low, high }] of ranges.entries())
      learned[i] = (low + high) / 2 - 127.5 * scale;
    learned[dimension] = scale;
    return new ScaledByteCodec(options, learned);
  }

  checkComponents(vectors: Components): void {
    checkComponents(vectors, { metric: this.metric, vectorType: 'f32' });
  }

  encode(source: Components, sourceStart: number, target: Uint8Array, targetStart: number): void {
    const { dimension, metric, rowBytes, scale } = this;
    const row = this.#row;
    const offsets = this.#learned;
    writeRow(metric, source, sourceStart, row, 0, dimension);
    for (let i = 0; i < dimension; i++) {
      const code = Math.round(((row[i] as number) - (offsets[i] as number)) / scale);
      target[targetStart + i] = Math.min(255, Math.max(0, code));
    }
    target.fill(0, targetStart + dimension, targetStart + rowBytes);
  }

  decode(row: Uint8Array): Float32Array {
    const { dimension, scale } = this;
    const offsets = this.#learned;
    const decoded = new Float32Array(dimension);
    for (let i = 0; i < dimension; i++) {
      decoded[i] = (offsets[i] as number) + scale * (row[i] as number);
    }
    return decoded;
  }

  prepareQuery(query: Components, target: Uint8Array): void {
    this.encode(query, 0, target, 0);
  }

  distanceOfKey(key: number): number {
    const { metric, scale } = this;
    if (metric === 'manhattan') return scale * key;
    // Between rows of length one.
    return metric === 'cosine' ? (scale * scale * key) / 2 : scale * Math.sqrt(key);
  }

  parameters(): CodecParameters {
    return { options: this.#options, learned: this.#learned.slice() };
  }
}

interface Range {
  readonly low: number;
  readonly high: number;
}

function rangesOf(rows: Float32Array, dimension: number, clippedShare: number): Range[] {
  const clipped = Math.floor((clippedShare * rows.length) / dimension);
  return Array.from({ length: dimension }, (_, component) =>
    clipped === 0
      ? wholeRange(rows, dimension, component)
      : clippedRange(rows, dimension, component, clipped),
  );
}

function wholeRange(rows: Float32Array, dimension: number, component: number): Range {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let at = component; at < rows.length; at += dimension) {
    low = Math.min(low, rows[at] as number);
    high = Math.max(high, rows[at] as number);
  }
  return { low, high };
}

function clippedRange(
  rows: Float32Array,
  dimension: number,
  component: number,
  clipped: number,
): Range {
  const count = rows.length / dimension;
  const values = Float32Array.from(
    { length: count },
    (_, row) => rows[row * dimension + component] as number,
  );
  values.sort();
  return { low: values[clipped] as number, high: values[count - 1 - clipped] as number };
}
