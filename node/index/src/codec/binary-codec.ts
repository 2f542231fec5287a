// binary: whether each component is above its mean.

import { checkComponents } from '../check-input.ts';
import { HAMMING } from '../memory/memory-map.ts';
import type { Metric } from '../vector-index.ts';
import {
  type Codec,
  type CodecOptions,
  type CodecParameters,
  type Components,
  paddedBytes,
} from './codec.ts';
import { writeRow } from './distance.ts';
import { meanOf } from './mean-row.ts';

/** One bit per component; a key counts the bits that differ. */
export class BinaryCodec implements Codec {
  readonly vectorType = 'binary';
  readonly isLossless = false;
  readonly buildsOnExactRows = false;
  readonly measure = HAMMING;
  readonly metric: Metric;
  readonly dimension: number;
  readonly rowBytes: number;
  readonly queryBytes: number;
  readonly #options: CodecOptions;
  readonly #learned: Float32Array;
  readonly #row: Float32Array;

  /** @param learned - the means, `[dimension]`, then the mean deviations, `[dimension]` */
  constructor(options: CodecOptions, learned: Float32Array) {
    const { dimension, metric } = options;
    this.#options = options;
    this.#learned = learned;
    this.dimension = dimension;
    this.metric = metric;
    this.rowBytes = paddedBytes(Math.ceil(dimension / 8));
    this.queryBytes = this.rowBytes;
    this.#row = new Float32Array(dimension);
  }

  /** @param rows - `[n × dimension]`, of length one under `cosine` */
  static train(options: CodecOptions, rows: Float32Array): BinaryCodec {
    const { dimension } = options;
    const means = meanOf(rows, dimension);
    const deviations = rows.map((value, at) => Math.abs(value - (means[at % dimension] as number)));
    const learned = new Float32Array(2 * dimension);
    learned.set(means);
    learned.set(meanOf(deviations, dimension), dimension);
    return new BinaryCodec(options, learned);
  }

  checkComponents(vectors: Components): void {
    checkComponents(vectors, { metric: this.metric, vectorType: 'f32' });
  }

  encode(source: Components, sourceStart: number, target: Uint8Array, targetStart: number): void {
    const { dimension, metric, rowBytes } = this;
    const row = this.#row;
    const means = this.#learned;
    writeRow(metric, source, sourceStart, row, 0, dimension);
    target.fill(0, targetStart, targetStart + rowBytes);
    for (let i = 0; i < dimension; i++) {
      if ((row[i] as number) <= (means[i] as number)) continue;
      const at = targetStart + (i >> 3);
      target[at] = (target[at] as number) | (1 << (i & 7));
    }
  }

  /** The mean of those on the same side of the mean, but for skew. */
  decode(row: Uint8Array): Float32Array {
    const { dimension } = this;
    const decoded = new Float32Array(dimension);
    for (let i = 0; i < dimension; i++) {
      const isAbove = ((row[i >> 3] as number) >> (i & 7)) & 1;
      const deviation = this.#learned[dimension + i] as number;
      decoded[i] = (this.#learned[i] as number) + (isAbove ? deviation : -deviation);
    }
    return decoded;
  }

  prepareQuery(query: Components, target: Uint8Array): void {
    this.encode(query, 0, target, 0);
  }

  distanceOfKey(key: number): number {
    return key;
  }

  parameters(): CodecParameters {
    return { options: this.#options, learned: this.#learned.slice() };
  }
}
