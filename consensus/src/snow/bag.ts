// A bag of votes: choices with how many answers each has.

/** Invariant: every count is positive, and `size` is their sum. */
export class Bag<Choice> implements Iterable<readonly [Choice, number]> {
  readonly #counts = new Map<Choice, number>();
  #size = 0;

  static of<Choice>(...choices: readonly Choice[]): Bag<Choice> {
    const bag = new Bag<Choice>();
    for (const choice of choices) bag.add(choice);
    return bag;
  }

  /** Answers in all. */
  get size(): number {
    return this.#size;
  }

  add(choice: Choice, count = 1): void {
    if (count <= 0) return;
    this.#counts.set(choice, this.count(choice) + count);
    this.#size += count;
  }

  count(choice: Choice): number {
    return this.#counts.get(choice) ?? 0;
  }

  /** Removes a choice and says how many answers it had. */
  remove(choice: Choice): number {
    const count = this.count(choice);
    this.#counts.delete(choice);
    this.#size -= count;
    return count;
  }

  /** The choice with most answers, the first added among equals; undefined when empty. */
  mode(): readonly [Choice, number] | undefined {
    let mode: readonly [Choice, number] | undefined;
    for (const entry of this.#counts) if (mode === undefined || entry[1] > mode[1]) mode = entry;
    return mode;
  }

  [Symbol.iterator](): Iterator<readonly [Choice, number]> {
    return this.#counts.entries();
  }
}
