/**
 * Hands out runs of blocks for the layers above the base layer, one block per layer.
 *
 * Invariant: a block below `used` is in one slot's run or in one free run.
 */
export class UpperBlocks {
  /** Blocks below this were ever handed out. */
  used = 0;
  /** Starts of free runs by their length. */
  readonly #free = new Map<number, number[]>();

  /** The first block of a run of `length`, or -1 when `blocksMax` has no room for it. */
  take(length: number, blocksMax: number): number {
    const start = this.#takeFree(length);
    if (start >= 0) return start;
    if (this.used + length > blocksMax) return -1;
    this.used += length;
    return this.used - length;
  }

  give(start: number, length: number): void {
    if (length === 0) return;
    const starts = this.#free.get(length);
    if (starts === undefined) this.#free.set(length, [start]);
    else starts.push(start);
  }

  /** Starts anew with those blocks in use whose entry is 1. */
  restore(owned: Uint8Array): void {
    this.used = owned.length;
    this.#free.clear();
    let start = 0;
    for (let block = 0; block <= owned.length; block++) {
      if (owned[block] === 0) continue;
      this.give(start, block - start);
      start = block + 1;
    }
  }

  // The shortest run that is long enough; what it has too many stays free.
  #takeFree(length: number): number {
    let best = Number.POSITIVE_INFINITY;
    for (const [each, starts] of this.#free) {
      if (starts.length > 0 && each >= length && each < best) best = each;
    }
    const start = this.#free.get(best)?.pop();
    if (start === undefined) return -1;
    this.give(start + length, best - length);
    return start;
  }
}
