// The built-in batch: everything in plain TypeScript. All buffers are allocated once for the largest
// batch.
import { BatchColumns } from './batch-columns.ts';
import { gatherRow, multiplyTransposed, transpose } from './dense-kernels.ts';
import type { EncoderShape } from './encoder.ts';
import { infoNce } from './info-nce.ts';
import type { PairBatch, PairRows } from './pair-batch.ts';
import { rowHashes, type SparseRows } from './sparse-rows.ts';

export class ContrastiveBatch implements PairBatch {
  readonly columns: BatchColumns;
  /** [2 · capacity × dimension] */
  readonly gradient: Float32Array;
  readonly #pairs: PairRows;
  readonly #shape: EncoderShape;
  readonly #capacity: number;
  readonly #keys: { readonly queries: Int32Array; readonly answers: Int32Array };
  readonly #batchKeys: { readonly queries: Int32Array; readonly answers: Int32Array };
  /** Unit rows and their transposes, [capacity × dimension] and [dimension × capacity]. */
  readonly #units: readonly [Float64Array, Float64Array];
  readonly #unitsTransposed: readonly [Float64Array, Float64Array];
  readonly #inverseNorms: Float64Array;
  readonly #cosines: Float64Array;
  readonly #cosinesTransposed: Float64Array;
  readonly #unitGradient: Float64Array;
  readonly #sums: Float64Array;

  constructor(shape: EncoderShape, pairs: PairRows, batchSizeMax: number) {
    const capacity = Math.ceil(batchSizeMax / 4) * 4;
    const cells = capacity * shape.dimension;
    this.#shape = shape;
    this.#pairs = pairs;
    this.#capacity = capacity;
    this.#keys = { queries: rowHashes(pairs.queries), answers: rowHashes(pairs.answers) };
    this.#batchKeys = { queries: new Int32Array(capacity), answers: new Int32Array(capacity) };
    this.#units = [new Float64Array(cells), new Float64Array(cells)];
    this.#unitsTransposed = [new Float64Array(cells), new Float64Array(cells)];
    this.#inverseNorms = new Float64Array(2 * capacity);
    this.#cosines = new Float64Array(capacity * capacity);
    this.#cosinesTransposed = new Float64Array(capacity * capacity);
    this.#unitGradient = new Float64Array(cells);
    this.#sums = new Float64Array(2 * capacity);
    this.gradient = new Float32Array(2 * cells);
    this.columns = new BatchColumns(pairs, batchSizeMax);
  }

  forward(
    parameters: Float32Array,
    order: Int32Array,
    start: number,
    end: number,
    temperature: number,
  ): number {
    const size = end - start;
    const capacity = this.#capacity;
    const { dimension } = this.#shape;
    const [queries, answers] = this.#units;
    this.#encodeSide(parameters, this.#pairs.queries, order, start, end, 0);
    this.#encodeSide(parameters, this.#pairs.answers, order, start, end, 1);
    for (let i = 0; i < size; i++) {
      const row = order[start + i] as number;
      this.#batchKeys.queries[i] = this.#keys.queries[row] as number;
      this.#batchKeys.answers[i] = this.#keys.answers[row] as number;
    }
    const padded = Math.ceil(size / 4) * 4;
    multiplyTransposed(queries, answers, this.#cosines, padded, capacity, dimension);
    const { queries: queryKeys, answers: answerKeys } = this.#batchKeys;
    const sums = this.#sums;
    const cosines = this.#cosines;
    const loss = infoNce(cosines, size, capacity, temperature, queryKeys, answerKeys, sums);
    this.#clearPadding(size);
    this.#backward(size);
    this.columns.list(order, start, end, capacity);
    return loss;
  }

  #encodeSide(
    parameters: Float32Array,
    rows: SparseRows,
    order: Int32Array,
    start: number,
    end: number,
    side: 0 | 1,
  ): void {
    const { dimension } = this.#shape;
    const units = this.#units[side];
    for (let i = 0; i < end - start; i++) {
      const row = order[start + i] as number;
      const first = rows.offsets[row] as number;
      const last = rows.offsets[row + 1] as number;
      const at = i * dimension;
      gatherRow(parameters, dimension, rows.indices, rows.weights, first, last, units, at);
      let squares = 0;
      for (let d = at; d < at + dimension; d++) {
        squares += (units[d] as number) * (units[d] as number);
      }
      const inverse = squares === 0 ? 0 : 1 / Math.sqrt(squares);
      for (let d = at; d < at + dimension; d++) units[d] = (units[d] as number) * inverse;
      this.#inverseNorms[side * this.#capacity + i] = inverse;
    }
    units.fill(0, (end - start) * dimension);
    transpose(units, this.#unitsTransposed[side], this.#capacity, dimension);
  }

  #clearPadding(size: number): void {
    const capacity = this.#capacity;
    if (size === capacity) return;
    for (let i = 0; i < size; i++) {
      this.#cosines.fill(0, i * capacity + size, (i + 1) * capacity);
    }
    this.#cosines.fill(0, size * capacity);
  }

  /** ∂L/∂u by two products, then through u = z/|z|: ∂L/∂z = (g − u (u·g)) / |z|. */
  #backward(size: number): void {
    const capacity = this.#capacity;
    const { dimension } = this.#shape;
    const padded = Math.ceil(size / 4) * 4;
    const out = this.#unitGradient;
    transpose(this.#cosines, this.#cosinesTransposed, capacity, capacity);
    const sides = [
      [this.#cosines, this.#unitsTransposed[1]],
      [this.#cosinesTransposed, this.#unitsTransposed[0]],
    ] as const;
    for (const side of [0, 1] as const) {
      multiplyTransposed(sides[side][0], sides[side][1], out, padded, dimension, capacity);
      const units = this.#units[side];
      for (let i = 0; i < size; i++) {
        const at = i * dimension;
        let along = 0;
        for (let d = at; d < at + dimension; d++) {
          along += (units[d] as number) * (out[d] as number);
        }
        const inverse = this.#inverseNorms[side * capacity + i] as number;
        const target = side * capacity * dimension;
        for (let d = at; d < at + dimension; d++) {
          this.gradient[target + d] = ((out[d] as number) - (units[d] as number) * along) * inverse;
        }
      }
    }
  }
}
