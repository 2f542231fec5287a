import type { Codec } from './codec.ts';
import { KernelScratch } from './kernel-scratch.ts';

/**
 * Codes of a fixed number of rows, compared with every query one after the other: what a codec is
 * judged by, without a graph.
 */
export class CodeScan {
  readonly codec: Codec;
  /** `[rows × rowBytes]` */
  readonly codes: Uint8Array;
  /** The keys of all rows for the last query. */
  readonly keys: Uint32Array;
  readonly #scratch: KernelScratch;
  readonly #query: Uint8Array;

  /** @param rows - `[n × dimension]` */
  constructor(codec: Codec, rows: Float32Array) {
    const { dimension, measure, queryBytes, rowBytes } = codec;
    const count = rows.length / dimension;
    this.codec = codec;
    const bytes = queryBytes + count * (rowBytes + 4) + 16;
    this.#scratch = new KernelScratch(bytes, measure, rowBytes);
    const { buffer } = this.#scratch;
    this.#query = new Uint8Array(buffer, this.#scratch.take(queryBytes), queryBytes);
    this.codes = new Uint8Array(buffer, this.#scratch.take(count * rowBytes), count * rowBytes);
    this.keys = new Uint32Array(buffer, this.#scratch.take(count * 4), count);
    for (let row = 0; row < count; row++) {
      codec.encode(rows, row * dimension, this.codes, row * rowBytes);
    }
  }

  /** Ranks all rows; returns `keys`. */
  rank(query: Float32Array): Uint32Array {
    this.codec.prepareQuery(query, this.#query);
    this.rankPrepared();
    return this.keys;
  }

  /** The same for the query of before. */
  rankPrepared(): void {
    const { codes, keys } = this;
    const query = this.#query.byteOffset;
    this.#scratch.kernel.rankCodes(query, codes.byteOffset, keys.length, keys.byteOffset);
  }

  /** The rows with the least keys for a query, nearest first; equal keys by row. */
  nearest(query: Float32Array, count: number): number[] {
    const keys = this.rank(query);
    const order = Array.from(keys, (_, row) => row);
    order.sort((a, b) => (keys[a] as number) - (keys[b] as number) || a - b);
    return order.slice(0, count);
  }
}
