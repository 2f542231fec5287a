// u8: rows of integers from 0 to 255, exact.

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
import { measureOf, rankOfKey, reportedDistance } from './distance.ts';

/** A quarter of the bytes of float32, for vectors that are bytes already. */
export class ByteCodec implements Codec {
  readonly vectorType = 'u8';
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
    this.rowBytes = paddedBytes(dimension);
    this.queryBytes = this.rowBytes;
    this.measure = measureOf(metric, 'u8');
  }

  checkComponents(vectors: Components): void {
    checkComponents(vectors, this);
  }

  encode(source: Components, sourceStart: number, target: Uint8Array, targetStart: number): void {
    const { dimension, rowBytes } = this;
    if (this.#order === undefined) {
      for (let i = 0; i < dimension; i++) {
        target[targetStart + i] = source[sourceStart + i] as number;
      }
    } else {
      arrangeRow(this.#order, source, sourceStart, target, targetStart);
    }
    target.fill(0, targetStart + dimension, targetStart + rowBytes);
  }

  decode(row: Uint8Array): Float32Array {
    if (this.#order !== undefined) return restoreRow(this.#order, row);
    return Float32Array.from(row.subarray(0, this.dimension));
  }

  prepareQuery(query: Components, target: Uint8Array): void {
    this.encode(query, 0, target, 0);
  }

  distanceOfKey(key: number): number {
    return reportedDistance(this.metric, rankOfKey(key, this.metric, 'u8'));
  }

  parameters(): CodecParameters {
    const learned = new Float32Array(0);
    const order = this.#order;
    return { options: this.#options, learned, ...(order === undefined ? {} : { order }) };
  }
}
