// pq8: product quantisation with 256 centroids per subspace, a byte each.

import { checkComponents } from '../check-input.ts';
import { PQ8 } from '../memory/memory-map.ts';
import type { Metric } from '../vector-index.ts';
import {
  type Codec,
  type CodecOptions,
  type CodecParameters,
  type Components,
  paddedBytes,
} from './codec.ts';
import { floatOfKey, reportedDistance, writeRow } from './distance.ts';
import { ProductQuantiser } from './product-quantiser.ts';

const CENTROIDS = 256;
const HEAD_BYTES = 16;
/** The kernel looks up four parts at a time. */
const PARTS_UNIT = 4;

/** By default eight components to a byte: a thirty-second of float32. */
export class Pq8Codec implements Codec {
  readonly vectorType = 'pq8';
  readonly isLossless = false;
  readonly buildsOnExactRows = true;
  readonly measure = PQ8;
  readonly metric: Metric;
  readonly dimension: number;
  readonly rowBytes: number;
  readonly queryBytes: number;
  readonly #options: CodecOptions;
  readonly #subspaces: number;
  readonly #quantiser: ProductQuantiser;
  readonly #row: Float32Array;

  constructor(options: CodecOptions, quantiser: ProductQuantiser) {
    const { dimension, metric } = options;
    this.#options = options;
    this.#subspaces = pq8Subspaces(options);
    this.#quantiser = quantiser;
    this.dimension = dimension;
    this.metric = metric;
    this.rowBytes = paddedBytes(this.#subspaces);
    const tables = Math.ceil(this.#subspaces / PARTS_UNIT) * PARTS_UNIT;
    this.queryBytes = HEAD_BYTES + tables * CENTROIDS * 4;
    this.#row = new Float32Array(dimension);
  }

  /** @param rows - `[n × dimension]`, of length one under `cosine` */
  static train(options: CodecOptions, rows: Float32Array): Pq8Codec {
    const { seed = 1 } = options;
    return new Pq8Codec(options, ProductQuantiser.train(productOptions(options), rows, seed));
  }

  static restore(options: CodecOptions, learned: Float32Array): Pq8Codec {
    return new Pq8Codec(options, new ProductQuantiser(productOptions(options), learned));
  }

  checkComponents(vectors: Components): void {
    checkComponents(vectors, { metric: this.metric, vectorType: 'f32' });
  }

  encode(source: Components, sourceStart: number, target: Uint8Array, targetStart: number): void {
    writeRow(this.metric, source, sourceStart, this.#row, 0, this.dimension);
    const row = target.subarray(targetStart, targetStart + this.rowBytes);
    row.fill(0);
    this.#quantiser.encode(this.#row, row);
  }

  decode(row: Uint8Array): Float32Array {
    return this.#quantiser.decode(row);
  }

  prepareQuery(query: Components, target: Uint8Array): void {
    writeRow(this.metric, query, 0, this.#row, 0, this.dimension);
    const words = new Float32Array(target.buffer, target.byteOffset, this.queryBytes / 4);
    words.fill(0);
    words[0] = this.metric === 'cosine' ? 1 : 0;
    this.#quantiser.fillTables(this.#row, words.subarray(HEAD_BYTES / 4));
    const parts = Math.ceil(this.#subspaces / PARTS_UNIT) * PARTS_UNIT;
    new Uint32Array(target.buffer, target.byteOffset, 2)[1] = parts;
  }

  distanceOfKey(key: number): number {
    return reportedDistance(this.metric, floatOfKey(key));
  }

  parameters(): CodecParameters {
    return { options: this.#options, learned: this.#quantiser.codebooks.slice() };
  }
}

function pq8Subspaces({ dimension, subspaces = Math.ceil(dimension / 8) }: CodecOptions): number {
  return subspaces;
}

function productOptions(options: CodecOptions) {
  const { dimension, metric } = options;
  return { dimension, metric, subspaces: pq8Subspaces(options), centroids: CENTROIDS };
}
