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
import { arrangeRow, type DimensionOrder, restoreRow } from './dimension-order.ts';
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
  readonly #order: DimensionOrder | undefined;

  /** @param order - of the components in stored rows and prepared queries; natural without */
  constructor(options: CodecOptions, order?: DimensionOrder) {
    const { dimension, metric } = options;
    this.#options = options;
    this.#order = order;
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
    if (this.#order === undefined) writeRow(metric, source, sourceStart, row, 0, dimension);
    else arrangeRow(this.#order, source, sourceStart, row, 0);
    row.fill(0, dimension);
  }

  decode(row: Uint8Array): Float32Array {
    const stored = new Float32Array(row.buffer, row.byteOffset, this.dimension);
    return this.#order === undefined ? stored.slice() : restoreRow(this.#order, stored);
  }

  prepareQuery(query: Components, target: Uint8Array): void {
    this.encode(query, 0, target, 0);
  }

  distanceOfKey(key: number): number {
    return reportedDistance(this.metric, floatOfKey(key));
  }

  parameters(): CodecParameters {
    const learned = new Float32Array(0);
    const order = this.#order;
    return { options: this.#options, learned, ...(order === undefined ? {} : { order }) };
  }
}
