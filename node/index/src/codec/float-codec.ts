// f32: rows as they are.

import { checkComponents } from '../check-input.ts';
import type { Metric } from '../vector-index.ts';
import {
  type Codec,
  type CodecOptions,
  type CodecParameters,
  type Components,
  paddedBytes,
} from './codec.ts';
import { floatOfKey, measureOf, reportedDistance, writeRow } from './distance.ts';

/** Rows of float32, of length one under `cosine`. */
export class FloatCodec implements Codec {
  readonly vectorType = 'f32';
  readonly isLossless = true;
  readonly buildsOnExactRows = false;
  readonly metric: Metric;
  readonly dimension: number;
  readonly rowBytes: number;
  readonly queryBytes: number;
  readonly measure: number;
  readonly #options: CodecOptions;

  constructor(options: CodecOptions) {
    const { dimension, metric } = options;
    this.#options = options;
    this.dimension = dimension;
    this.metric = metric;
    this.rowBytes = paddedBytes(dimension * 4);
    this.queryBytes = this.rowBytes;
    this.measure = measureOf(metric, 'f32');
  }

  checkComponents(vectors: Components): void {
    checkComponents(vectors, { metric: this.metric, vectorType: 'f32' });
  }

  encode(source: Components, sourceStart: number, target: Uint8Array, targetStart: number): void {
    const { dimension, metric, rowBytes } = this;
    const row = new Float32Array(target.buffer, target.byteOffset + targetStart, rowBytes / 4);
    writeRow(metric, source, sourceStart, row, 0, dimension);
    row.fill(0, dimension);
  }

  decode(row: Uint8Array): Float32Array {
    return new Float32Array(row.buffer, row.byteOffset, this.dimension).slice();
  }

  prepareQuery(query: Components, target: Uint8Array): void {
    this.encode(query, 0, target, 0);
  }

  distanceOfKey(key: number): number {
    return reportedDistance(this.metric, floatOfKey(key));
  }

  parameters(): CodecParameters {
    return { options: this.#options, learned: new Float32Array(0) };
  }
}
