// sq8 under dot: signed bytes with a scale of each row's own. Nothing is learned, and no row or
// query is too long: an inner product grows with both.

import { checkComponents } from '../check-input.ts';
import { SIGNED_DOT_BYTES } from '../memory/memory-map.ts';
import type { Metric } from '../vector-index.ts';
import {
  type Codec,
  type CodecOptions,
  type CodecParameters,
  type Components,
  paddedBytes,
} from './codec.ts';
import { floatOfKey } from './distance.ts';

const HEAD_BYTES = 16;

/** A component is off by at most 1/254 of the largest in its row. */
export class SignedByteCodec implements Codec {
  readonly vectorType = 'sq8';
  readonly isLossless = false;
  readonly buildsOnExactRows = false;
  readonly measure = SIGNED_DOT_BYTES;
  readonly metric: Metric;
  readonly dimension: number;
  readonly rowBytes: number;
  readonly queryBytes: number;
  readonly #options: CodecOptions;

  constructor(options: CodecOptions) {
    const { dimension, metric } = options;
    this.#options = options;
    this.dimension = dimension;
    this.metric = metric;
    this.rowBytes = HEAD_BYTES + paddedBytes(dimension);
    this.queryBytes = this.rowBytes;
  }

  checkComponents(vectors: Components): void {
    checkComponents(vectors, { metric: this.metric, vectorType: 'f32' });
  }

  encode(source: Components, sourceStart: number, target: Uint8Array, targetStart: number): void {
    const { dimension, rowBytes } = this;
    let largest = 0;
    for (let i = 0; i < dimension; i++) {
      largest = Math.max(largest, Math.abs(source[sourceStart + i] as number));
    }
    target.fill(0, targetStart, targetStart + rowBytes);
    const scale = Math.fround(largest / 127);
    // A row too short to divide by is a row of zeros.
    if (scale === 0) return;
    new Float32Array(target.buffer, target.byteOffset + targetStart, 1)[0] = scale;
    const codes = targetStart + HEAD_BYTES;
    for (let i = 0; i < dimension; i++) {
      const code = Math.round((source[sourceStart + i] as number) / scale);
      target[codes + i] = Math.min(127, Math.max(-127, code));
    }
  }

  decode(row: Uint8Array): Float32Array {
    const scale = new Float32Array(row.buffer, row.byteOffset, 1)[0] as number;
    const codes = new Int8Array(row.buffer, row.byteOffset + HEAD_BYTES, this.dimension);
    return Float32Array.from(codes, (code) => scale * code);
  }

  prepareQuery(query: Components, target: Uint8Array): void {
    this.encode(query, 0, target, 0);
  }

  distanceOfKey(key: number): number {
    return floatOfKey(key);
  }

  parameters(): CodecParameters {
    return { options: this.#options, learned: new Float32Array(0) };
  }
}
