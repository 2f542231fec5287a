// Slush, the first step of "Scalable and Probabilistic Leaderless BFT Consensus through
// Metastability" (Rocket et al. 2019): adopt what a poll's majority prefers. It never decides.

/** One instance over choices of any kind: two bits, many digests, or the only one there is. */
export class Slush<Choice> {
  #preference: Choice;

  constructor(preference: Choice) {
    this.#preference = preference;
  }

  get preference(): Choice {
    return this.#preference;
  }

  /** At least alphaPreference of a poll's answers were for this choice. */
  recordSuccessfulPoll(choice: Choice): void {
    this.#preference = choice;
  }
}
