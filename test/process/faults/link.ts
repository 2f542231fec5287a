// What joins one node to the network: whole, cut without a word, or slow.

export interface LinkTerms {
  readonly bitsPerSecond: number;
  /** One way; the round trip of two slow nodes has it four times. */
  readonly delayMs: number;
}

const WHOLE: LinkTerms = { bitsPerSecond: Number.POSITIVE_INFINITY, delayMs: 0 };

export type Direction = 'up' | 'down';

export class Link {
  #terms = WHOLE;
  /** Until when each direction is taken, in monotonic milliseconds. */
  readonly #takenUntilMs: Record<Direction, number> = { up: 0, down: 0 };
  #mended: PromiseWithResolvers<void> | undefined;

  get delayMs(): number {
    return this.#terms.delayMs;
  }

  /** What is sent waits; connections stay open and silent. */
  cut(): void {
    this.#mended ??= Promise.withResolvers();
  }

  slow(terms: LinkTerms): void {
    this.#terms = terms;
  }

  mend(): void {
    this.#terms = WHOLE;
    this.#mended?.resolve();
    this.#mended = undefined;
  }

  /** Resolves when the link is whole. */
  whole(): Promise<void> {
    return this.#mended?.promise ?? Promise.resolve();
  }

  /** Takes the link for so many bytes. @returns when they are through, monotonic milliseconds */
  take(direction: Direction, bytes: number): number {
    const nowMs = performance.now();
    const lastsMs = (bytes * 8_000) / this.#terms.bitsPerSecond;
    const untilMs = Math.max(nowMs, this.#takenUntilMs[direction]) + lastsMs;
    this.#takenUntilMs[direction] = untilMs;
    return untilMs;
  }
}
