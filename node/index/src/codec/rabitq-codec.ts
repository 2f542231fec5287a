// rabitq (Gao & Long, SIGMOD 2024): the signs of a row that was centred and turned at random, with
// factors from which the distance is estimated without bias.

import { checkComponents } from '../check-input.ts';
import { RABITQ } from '../memory/memory-map.ts';
import type { Metric } from '../vector-index.ts';
import type { Codec, CodecOptions, CodecParameters, Components } from './codec.ts';
import { floatOfKey, reportedDistance, writeRow } from './distance.ts';
import { meanOf } from './mean-row.ts';
import { RandomRotation } from './random-rotation.ts';

const ROW_HEAD_BYTES = 16;
const QUERY_HEAD_BYTES = 32;
const BITS_OF_BLOCK = 128;

/** One bit per component and 16 bytes; the dimension is padded to a multiple of 128. */
export class RabitqCodec implements Codec {
  readonly vectorType = 'rabitq';
  readonly isLossless = false;
  readonly buildsOnExactRows = true;
  readonly measure = RABITQ;
  readonly metric: Metric;
  readonly dimension: number;
  readonly rowBytes: number;
  readonly queryBytes: number;
  readonly #options: CodecOptions;
  readonly #queryBits: number;
  /** `[dimension]` */
  readonly #centre: Float32Array;
  readonly #rotation: RandomRotation;
  /** The row as it is given, and centred and turned: padded. */
  readonly #given: Float32Array;
  readonly #turned: Float32Array;

  constructor(options: CodecOptions, learned: Float32Array) {
    const { dimension, metric, queryBits = 4, seed = 1 } = options;
    this.#options = options;
    this.#queryBits = queryBits;
    this.#centre = learned;
    this.dimension = dimension;
    this.metric = metric;
    const padded = Math.ceil(dimension / BITS_OF_BLOCK) * BITS_OF_BLOCK;
    this.rowBytes = ROW_HEAD_BYTES + padded / 8;
    this.queryBytes = QUERY_HEAD_BYTES + (padded / 8) * queryBits;
    this.#rotation = new RandomRotation(padded, seed);
    this.#given = new Float32Array(dimension);
    this.#turned = new Float32Array(padded);
  }

  /** @param rows - `[n × dimension]`, of length one under `cosine` */
  static train(options: CodecOptions, rows: Float32Array): RabitqCodec {
    return new RabitqCodec(options, meanOf(rows, options.dimension));
  }

  checkComponents(vectors: Components): void {
    checkComponents(vectors, { metric: this.metric, vectorType: 'f32' });
  }

  encode(source: Components, sourceStart: number, target: Uint8Array, targetStart: number): void {
    const { square, alongCentre } = this.#turn(source, sourceStart);
    const turned = this.#turned;
    target.fill(0, targetStart, targetStart + this.rowBytes);
    const bits = targetStart + ROW_HEAD_BYTES;
    let sizes = 0;
    let ones = 0;
    for (let i = 0; i < turned.length; i++) {
      const value = turned[i] as number;
      sizes += Math.abs(value);
      if (value <= 0) continue;
      ones++;
      const at = bits + (i >> 3);
      target[at] = (target[at] as number) | (1 << (i & 7));
    }
    const head = new Float32Array(target.buffer, target.byteOffset + targetStart, 4);
    head[0] = this.metric === 'euclidean' ? square : -alongCentre;
    // ‖o‖ / ⟨ō, o⟩ of the paper, over √D: what a sum over signed components is multiplied with.
    head[1] = sizes > 0 ? square / sizes : 0;
    head[2] = ones;
    head[3] = sizes / turned.length;
  }

  /** The nearest to the vector along its signs. */
  decode(row: Uint8Array): Float32Array {
    const size = new Float32Array(row.buffer, row.byteOffset, 4)[3] as number;
    const turned = this.#turned;
    for (let i = 0; i < turned.length; i++) {
      const isPositive = ((row[ROW_HEAD_BYTES + (i >> 3)] as number) >> (i & 7)) & 1;
      turned[i] = isPositive ? size : -size;
    }
    this.#rotation.invert(turned);
    return this.#centre.map((value, i) => value + (turned[i] as number));
  }

  prepareQuery(query: Components, target: Uint8Array): void {
    const { square, alongCentre } = this.#turn(query, 0);
    const { metric } = this;
    const turned = this.#turned;
    const bits = this.#queryBits;
    const levels = 2 ** bits - 1;
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    for (const value of turned) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    const step = high > low ? (high - low) / levels : 1;
    target.fill(0);
    let sum = 0;
    for (let i = 0; i < turned.length; i++) {
      const level = Math.min(levels, Math.round(((turned[i] as number) - low) / step));
      sum += low + step * level;
      putLevel(target, i, level, bits);
    }
    // Σ ±q = 2 · Σ over the ones of q − Σ q, and q is low + step · level.
    const weight = metric === 'euclidean' ? -2 : -1;
    const head = new Float32Array(target.buffer, target.byteOffset, 4);
    const along = metric === 'cosine' ? 1 - alongCentre : -alongCentre;
    head[0] = metric === 'euclidean' ? square : along - this.#centreSquare();
    head[1] = 2 * weight * low;
    head[2] = 2 * weight * step;
    head[3] = -weight * sum;
    new Uint32Array(target.buffer, target.byteOffset + 16, 1)[0] = bits;
  }

  distanceOfKey(key: number): number {
    return reportedDistance(this.metric, floatOfKey(key));
  }

  parameters(): CodecParameters {
    return { options: this.#options, learned: this.#centre.slice() };
  }

  // Leaves the centred and turned row; ‖x − c‖² and ⟨c, x − c⟩.
  #turn(source: Components, sourceStart: number) {
    const { dimension, metric } = this;
    const given = this.#given;
    const turned = this.#turned;
    writeRow(metric, source, sourceStart, given, 0, dimension);
    let square = 0;
    let alongCentre = 0;
    for (let i = 0; i < dimension; i++) {
      const centre = this.#centre[i] as number;
      const value = (given[i] as number) - centre;
      turned[i] = value;
      square += value * value;
      alongCentre += centre * value;
    }
    turned.fill(0, dimension);
    this.#rotation.apply(turned);
    return { square, alongCentre };
  }

  #centreSquare(): number {
    return this.#centre.reduce((sum, value) => sum + value * value, 0);
  }
}

function putLevel(target: Uint8Array, component: number, level: number, bits: number): void {
  const block = QUERY_HEAD_BYTES + Math.floor(component / BITS_OF_BLOCK) * 16 * bits;
  const at = block + ((component % BITS_OF_BLOCK) >> 3);
  for (let plane = 0; plane < bits; plane++) {
    const byte = at + 16 * plane;
    target[byte] = (target[byte] as number) | (((level >> plane) & 1) << (component & 7));
  }
}
