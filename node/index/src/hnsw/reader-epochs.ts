import { IndexError } from '../index-error.ts';

/**
 * Lets what readers of other threads may still look at wait until they are gone.
 *
 * Invariant: a waiting release runs when every reader that entered before it was asked for has
 * left, and not before; later readers do not delay it.
 */
export class ReaderEpochs {
  #epoch = 0;
  readonly #reading = new Map<symbol, number>();
  #waiting: { readonly epoch: number; readonly release: () => void }[] = [];

  get hasReaders(): boolean {
    return this.#reading.size > 0;
  }

  /**
   * Refuses what would change rows under readers.
   *
   * @throws IndexError `index-busy`
   */
  requireNone(): void {
    if (this.#reading.size === 0) return;
    throw new IndexError('index-busy', 'a parallel search is running; wait for it to end');
  }

  /** A reader begins; it calls what is returned when it ends. */
  enter(): () => void {
    const reader = Symbol('reader');
    this.#reading.set(reader, this.#epoch);
    return () => {
      this.#reading.delete(reader);
      this.#settle();
    };
  }

  /** Calls `release` as soon as no reader of today reads any more; at once when there is none. */
  retire(release: () => void): void {
    this.#waiting.push({ epoch: this.#epoch++, release });
    this.#settle();
  }

  #settle(): void {
    const oldest = Math.min(...this.#reading.values());
    const due = this.#waiting.filter(({ epoch }) => epoch < oldest);
    this.#waiting = this.#waiting.filter(({ epoch }) => epoch >= oldest);
    for (const { release } of due) release();
  }
}
