// pq4: product quantisation with 16 centroids per subspace, two to a byte, and tables of bytes.

import { checkComponents } from '../check-input.ts';
import { PQ4 } from '../memory/memory-map.ts';
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

const CENTROIDS = 16;
const HEAD_BYTES = 16;
/** The kernel looks up eight parts at a time. */
const PARTS_UNIT = 8;

/** By default four components to a byte: a sixteenth of float32. */
export class Pq4Codec implements Codec {
  readonly vectorType = 'pq4';
  readonly isLossless = false;
  readonly buildsOnExactRows = true;
  readonly measure = PQ4;
  readonly metric: Metric;
  readonly dimension: number;
  readonly rowBytes: number;
  readonly queryBytes: number;
  /** Parts of a prepared query, those of the padding included: the subspaces of a block. */
  readonly parts: number;
  readonly #options: CodecOptions;
  readonly #subspaces: number;
  readonly #quantiser: ProductQuantiser;
  readonly #row: Float32Array;
  readonly #codes: Uint8Array;
  readonly #tables: Float32Array;

  constructor(options: CodecOptions, quantiser: ProductQuantiser) {
    const { dimension, metric } = options;
    this.#options = options;
    this.#subspaces = pq4Subspaces(options);
    this.#quantiser = quantiser;
    this.dimension = dimension;
    this.metric = metric;
    this.parts = Math.ceil(this.#subspaces / PARTS_UNIT) * PARTS_UNIT;
    this.rowBytes = paddedBytes(this.parts / 2);
    this.queryBytes = HEAD_BYTES + this.parts * CENTROIDS;
    this.#row = new Float32Array(dimension);
    this.#codes = new Uint8Array(this.parts);
    this.#tables = new Float32Array(this.parts * CENTROIDS);
  }

  /** @param rows - `[n × dimension]`, of length one under `cosine` */
  static train(options: CodecOptions, rows: Float32Array): Pq4Codec {
    const { seed = 1 } = options;
    return new Pq4Codec(options, ProductQuantiser.train(productOptions(options), rows, seed));
  }

  static restore(options: CodecOptions, learned: Float32Array): Pq4Codec {
    return new Pq4Codec(options, new ProductQuantiser(productOptions(options), learned));
  }

  checkComponents(vectors: Components): void {
    checkComponents(vectors, { metric: this.metric, vectorType: 'f32' });
  }

  encode(source: Components, sourceStart: number, target: Uint8Array, targetStart: number): void {
    const codes = this.#codes;
    writeRow(this.metric, source, sourceStart, this.#row, 0, this.dimension);
    this.#quantiser.encode(this.#row, codes);
    target.fill(0, targetStart, targetStart + this.rowBytes);
    for (let byte = 0; byte < this.parts / 2; byte++) {
      const high = codes[2 * byte + 1] as number;
      target[targetStart + byte] = (codes[2 * byte] as number) | (high << 4);
    }
  }

  decode(row: Uint8Array): Float32Array {
    const codes = this.#codes;
    for (let part = 0; part < this.#subspaces; part++) codes[part] = pq4Code(row, part);
    return this.#quantiser.decode(codes);
  }

  /** Tables begin at their least rank and share the step of the widest. */
  prepareQuery(query: Components, target: Uint8Array): void {
    writeRow(this.metric, query, 0, this.#row, 0, this.dimension);
    const tables = this.#tables;
    this.#quantiser.fillTables(this.#row, tables);
    let bias = this.metric === 'cosine' ? 1 : 0;
    let widest = 0;
    for (let at = 0; at < this.#subspaces * CENTROIDS; at += CENTROIDS) {
      let least = Number.POSITIVE_INFINITY;
      let most = Number.NEGATIVE_INFINITY;
      for (let i = at; i < at + CENTROIDS; i++) {
        least = Math.min(least, tables[i] as number);
        most = Math.max(most, tables[i] as number);
      }
      for (let i = at; i < at + CENTROIDS; i++) tables[i] = (tables[i] as number) - least;
      widest = Math.max(widest, most - least);
      bias += least;
    }
    const step = widest > 0 ? widest / 255 : 1;
    for (let at = 0; at < tables.length; at++) {
      target[HEAD_BYTES + at] = Math.min(255, Math.round((tables[at] as number) / step));
    }
    target.fill(0, 0, HEAD_BYTES);
    const head = new Float32Array(target.buffer, target.byteOffset, 2);
    head[0] = bias;
    head[1] = step;
    new Uint32Array(target.buffer, target.byteOffset, 3)[2] = this.parts / 2;
  }

  distanceOfKey(key: number): number {
    return reportedDistance(this.metric, floatOfKey(key));
  }

  parameters(): CodecParameters {
    return { options: this.#options, learned: this.#quantiser.codebooks.slice() };
  }
}

/** The code of one part of a row. */
export function pq4Code(row: Uint8Array, part: number): number {
  return ((row[part >> 1] as number) >> ((part & 1) * 4)) & 0xf;
}

function pq4Subspaces({ dimension, subspaces = Math.ceil(dimension / 2) }: CodecOptions): number {
  return subspaces;
}

function productOptions(options: CodecOptions) {
  const { dimension, metric } = options;
  return { dimension, metric, subspaces: pq4Subspaces(options), centroids: CENTROIDS };
}
