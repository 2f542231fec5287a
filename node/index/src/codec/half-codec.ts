// f16: rows of IEEE half floats.

import { checkComponents } from '../check-input.ts';
import { F16_COSINE, F16_DOT, F16_EUCLIDEAN, F16_MANHATTAN } from '../memory/memory-map.ts';
import type { Metric } from '../vector-index.ts';
import {
  type Codec,
  type CodecOptions,
  type CodecParameters,
  type Components,
  paddedBytes,
} from './codec.ts';
import { floatOfKey, reportedDistance, writeRow } from './distance.ts';
import { fromHalf, toHalf } from './float16.ts';

const MEASURES: Readonly<Record<Metric, number>> = {
  cosine: F16_COSINE,
  euclidean: F16_EUCLIDEAN,
  dot: F16_DOT,
  manhattan: F16_MANHATTAN,
};

/** Half the bytes of float32; a component is off by at most one part in 2,048. */
export class HalfCodec implements Codec {
  readonly vectorType = 'f16';
  readonly isLossless = false;
  readonly buildsOnExactRows = false;
  readonly metric: Metric;
  readonly dimension: number;
  readonly rowBytes: number;
  readonly queryBytes: number;
  readonly measure: number;
  readonly #options: CodecOptions;
  readonly #row: Float32Array;

  constructor(options: CodecOptions) {
    const { dimension, metric } = options;
    this.#options = options;
    this.dimension = dimension;
    this.metric = metric;
    this.rowBytes = paddedBytes(dimension * 2);
    this.queryBytes = this.rowBytes;
    this.measure = MEASURES[metric];
    this.#row = new Float32Array(dimension);
  }

  checkComponents(vectors: Components): void {
    checkComponents(vectors, this);
  }

  encode(source: Components, sourceStart: number, target: Uint8Array, targetStart: number): void {
    const { dimension, metric, rowBytes } = this;
    const row = this.#row;
    writeRow(metric, source, sourceStart, row, 0, dimension);
    const halves = new Uint16Array(target.buffer, target.byteOffset + targetStart, rowBytes / 2);
    for (let i = 0; i < dimension; i++) halves[i] = toHalf(row[i] as number);
    halves.fill(0, dimension);
  }

  decode(row: Uint8Array): Float32Array {
    const halves = new Uint16Array(row.buffer, row.byteOffset, this.dimension);
    return Float32Array.from(halves, fromHalf);
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
