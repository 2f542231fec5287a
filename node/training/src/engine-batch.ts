// A batch whose dense part runs on ONNX Runtime: the sums z = x·E and the table's gradient are taken
// here, row by row, everything between them in the graph.
import { BatchColumns } from './batch-columns.ts';
import { gatherRow } from './dense-kernels.ts';
import type { EncoderShape } from './encoder.ts';
import type { Feed, Session } from './engine/session.ts';
import type { PairBatch, PairRows } from './pair-batch.ts';
import { rowHashes, type SparseRows } from './sparse-rows.ts';

/** Low enough that its exponential is 0 beside any score, high enough to stay a number. */
const NO_NEGATIVE = -1e30;

export class EngineBatch implements PairBatch {
  readonly columns: BatchColumns;
  /** [2 · size × dimension] */
  readonly gradient: Float32Array;
  readonly #session: Session;
  readonly #pairs: PairRows;
  readonly #shape: EncoderShape;
  readonly #keys: { readonly queries: Int32Array; readonly answers: Int32Array };
  readonly #sum: Float64Array;

  /** @param session - on the graph of `pairLossGraph` for this dimension */
  constructor(session: Session, shape: EncoderShape, pairs: PairRows, sizeMax: number) {
    this.#session = session;
    this.#shape = shape;
    this.#pairs = pairs;
    this.#keys = { queries: rowHashes(pairs.queries), answers: rowHashes(pairs.answers) };
    this.#sum = new Float64Array(shape.dimension);
    this.gradient = new Float32Array(2 * sizeMax * shape.dimension);
    this.columns = new BatchColumns(pairs, sizeMax);
  }

  async forward(
    parameters: Float32Array,
    order: Int32Array,
    start: number,
    end: number,
    temperature: number,
  ): Promise<number> {
    const rows = order.subarray(start, end);
    const size = rows.length;
    const { own, away } = this.#tables(rows);
    const real = (data: Float32Array, dims: readonly number[]): Feed => {
      return { type: 'float32', data, dims };
    };
    const side = [size, this.#shape.dimension];
    const found = await this.#session.run({
      queries: real(this.#sums(parameters, this.#pairs.queries, rows), side),
      answers: real(this.#sums(parameters, this.#pairs.answers, rows), side),
      inverseTemperature: real(Float32Array.of(1 / temperature), []),
      factor: real(Float32Array.of(1 / (2 * size)), []),
      own: real(own, [size, size]),
      away: real(away, [size, size]),
    });
    this.gradient.set(found['queryGradient'] as Float32Array);
    this.gradient.set(found['answerGradient'] as Float32Array, size * this.#shape.dimension);
    this.columns.list(order, start, end, size);
    return (found['loss'] as Float32Array)[0] as number;
  }

  #sums(parameters: Float32Array, source: SparseRows, rows: Int32Array): Float32Array {
    const { dimension } = this.#shape;
    const out = new Float32Array(rows.length * dimension);
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i] as number;
      const first = source.offsets[row] as number;
      const last = source.offsets[row + 1] as number;
      gatherRow(parameters, dimension, source.indices, source.weights, first, last, this.#sum, 0);
      out.set(this.#sum, i * dimension);
    }
    return out;
  }

  /** Pairs with equal queries or equal answers are no negatives of each other. */
  #tables(rows: Int32Array): { readonly own: Float32Array; readonly away: Float32Array } {
    const { queries, answers } = this.#keys;
    const size = rows.length;
    const own = new Float32Array(size * size);
    const away = new Float32Array(size * size);
    for (let i = 0; i < size; i++) {
      const query = queries[rows[i] as number];
      const answer = answers[rows[i] as number];
      own[i * size + i] = 1;
      for (let j = 0; j < size; j++) {
        const other = rows[j] as number;
        const isLike = query === queries[other] || answer === answers[other];
        if (i !== j && isLike) away[i * size + j] = NO_NEGATIVE;
      }
    }
    return { own, away };
  }
}
