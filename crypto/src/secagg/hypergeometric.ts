// Tails of the hypergeometric distribution: how many of a member's neighbours are marked (corrupt or
// dropped) when the neighbours are drawn without replacement.

/** Natural logarithms of binomial coefficients C(n, k) for one n and growing k. */
export class LogChoose {
  readonly n: number;
  readonly #logs: number[] = [0];

  constructor(n: number) {
    this.n = n;
  }

  /** -Infinity for k > n. */
  of(k: number): number {
    if (k > this.n) return Number.NEGATIVE_INFINITY;
    for (let known = this.#logs.length; known <= k; known++) {
      const last = this.#logs[known - 1] as number;
      this.#logs.push(last + Math.log((this.n - known + 1) / known));
    }
    return this.#logs[k] as number;
  }
}

/** For growing numbers of draws, how many marked ones are as good as never exceeded. */
export class HypergeometricBound {
  readonly #choose: LogChoose;
  readonly #chooseMarked: LogChoose;
  readonly #chooseOthers: LogChoose;
  readonly #logProbability: number;
  #bound = 0;
  #draws = 0;

  /** `marked` of `choose.n` are marked; the bound fails with at most e^logProbability. */
  constructor(choose: LogChoose, marked: number, logProbability: number) {
    this.#choose = choose;
    this.#chooseMarked = new LogChoose(marked);
    this.#chooseOthers = new LogChoose(choose.n - marked);
    this.#logProbability = logProbability;
  }

  /**
   * The least bound with P[marked among `draws` > bound] ≤ e^logProbability.
   * @throws {RangeError} for fewer draws than before: the bound grows with them and starts there.
   */
  at(draws: number): number {
    if (draws < this.#draws) throw new RangeError('the number of draws must grow');
    this.#draws = draws;
    // Below, everything drawn is unmarked or there would be more unmarked ones than exist.
    this.#bound = Math.max(this.#bound, draws - this.#chooseOthers.n - 1);
    const probability = Math.exp(this.#logProbability);
    while (this.#tailAbove(this.#bound, draws) > probability) this.#bound += 1;
    return Math.max(this.#bound, 0);
  }

  /** P[marked > bound], summed from the largest term by the ratio of neighbouring terms. */
  #tailAbove(bound: number, draws: number): number {
    const [marked, others] = [this.#chooseMarked.n, this.#chooseOthers.n];
    const start = bound + 1;
    if (start > Math.min(draws, marked)) return 0;
    let term = Math.exp(
      this.#chooseMarked.of(start) + this.#chooseOthers.of(draws - start) - this.#choose.of(draws),
    );
    let sum = 0;
    for (let j = start; term > sum * 1e-17; j++) {
      sum += term;
      term *= ((marked - j) * (draws - j)) / ((j + 1) * (others - draws + j + 1));
    }
    return sum;
  }
}
