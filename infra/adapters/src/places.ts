// A fixed number of places for work that runs at once; who comes later waits in order.

/** Thrown when even the waiting room is full. */
class NoPlaceError extends Error {
  override readonly name = 'NoPlaceError';
}

export class Places {
  #free: number;
  readonly #waitingMax: number;
  readonly #waiting: Array<() => void> = [];

  constructor(places: number, waitingMax: number) {
    if (!(places >= 1)) throw new RangeError(`places >= 1 is violated by ${places}`);
    this.#free = places;
    this.#waitingMax = waitingMax;
  }

  /**
   * Runs `work` as soon as a place is free.
   * @throws {NoPlaceError} when `waitingMax` others wait already.
   */
  async use<T>(work: () => Promise<T>): Promise<T> {
    await this.#enter();
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free++;
      else next();
    }
  }

  #enter(): Promise<void> {
    if (this.#free > 0) {
      this.#free--;
      return Promise.resolve();
    }
    if (this.#waiting.length >= this.#waitingMax) {
      return Promise.reject(new NoPlaceError(`${this.#waitingMax} requests wait already`));
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
