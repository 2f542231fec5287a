// Adam (Kingma & Ba 2015, arXiv:1412.6980, algorithm 1) that updates only the table rows which a
// batch touches. Lazy moments, because a batch meets about half of the buckets: dense moments would
// move a million parameters per step for rows without any evidence. The bias correction counts each
// row's own steps, so that a bucket first met late takes a first step of the usual size.

const beta1 = 0.9;
const beta2 = 0.999;
const epsilon = 1e-8;

export class RowAdam {
  readonly #dimension: number;
  readonly #moments: Float32Array;
  readonly #squares: Float32Array;
  readonly #rowSteps: Int32Array;

  constructor(rows: number, dimension: number) {
    this.#dimension = dimension;
    this.#moments = new Float32Array(rows * dimension);
    this.#squares = new Float32Array(rows * dimension);
    this.#rowSteps = new Int32Array(rows);
  }

  /** One Adam step on row `row` of `parameters` [rows × dimension] against `gradient` [dimension]. */
  step(parameters: Float32Array, row: number, gradient: Float64Array, learningRate: number): void {
    const steps = (this.#rowSteps[row] as number) + 1;
    this.#rowSteps[row] = steps;
    const rate = learningRate / (1 - beta1 ** steps);
    const squareScale = 1 / (1 - beta2 ** steps);
    const moments = this.#moments;
    const squares = this.#squares;
    const at = row * this.#dimension;
    for (let d = 0; d < this.#dimension; d++) {
      const g = gradient[d] as number;
      const m = beta1 * (moments[at + d] as number) + (1 - beta1) * g;
      const v = beta2 * (squares[at + d] as number) + (1 - beta2) * g * g;
      moments[at + d] = m;
      squares[at + d] = v;
      parameters[at + d] =
        (parameters[at + d] as number) - (rate * m) / (Math.sqrt(v * squareScale) + epsilon);
    }
  }
}
