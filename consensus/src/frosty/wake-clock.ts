// When to tick next: the engine inside has its time, the machine around it another.

export class WakeClock {
  readonly #repeatEveryMs: number;
  #innerMs = Number.POSITIVE_INFINITY;
  #repeatMs = Number.POSITIVE_INFINITY;
  #toldMs = Number.POSITIVE_INFINITY;

  constructor(repeatEveryMs: number) {
    this.#repeatEveryMs = repeatEveryMs;
  }

  setInner(atMs: number): void {
    this.#innerMs = atMs;
  }

  /** True when it is time to repeat. */
  tick(nowMs: number): boolean {
    if (this.#innerMs <= nowMs) this.#innerMs = Number.POSITIVE_INFINITY;
    if (this.#toldMs <= nowMs) this.#toldMs = Number.POSITIVE_INFINITY;
    if (this.#repeatMs > nowMs) return false;
    this.#repeatMs = Number.POSITIVE_INFINITY;
    return true;
  }

  /** The next time to wake, when that is another one than was told; undefined otherwise. */
  next(mustRepeat: boolean, nowMs: number): number | undefined {
    if (!mustRepeat) this.#repeatMs = Number.POSITIVE_INFINITY;
    else if (this.#repeatMs === Number.POSITIVE_INFINITY) {
      this.#repeatMs = nowMs + this.#repeatEveryMs;
    }
    const atMs = Math.min(this.#innerMs, this.#repeatMs);
    if (atMs === this.#toldMs || atMs === Number.POSITIVE_INFINITY) return undefined;
    this.#toldMs = atMs;
    return atMs;
  }
}
