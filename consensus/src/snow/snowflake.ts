// Snowflake: Slush with a counter of successful polls in a row. With alphaPreference below
// alphaConfidence it is Snowflake+ (dual alpha), with several conditions error-driven Snowflake.

import { Slush } from './slush.ts';
import type { InstanceRules, SnowInstance } from './snow-instance.ts';

export class Snowflake<Choice> implements SnowInstance<Choice> {
  readonly #rules: InstanceRules;
  readonly #slush: Slush<Choice>;
  readonly #confidence: number[];
  #finalized = false;

  constructor(rules: InstanceRules, preference: Choice) {
    this.#rules = rules;
    this.#slush = new Slush(preference);
    this.#confidence = rules.conditions.map(() => 0);
  }

  get preference(): Choice {
    return this.#slush.preference;
  }

  get finalized(): boolean {
    return this.#finalized;
  }

  get confidence(): readonly number[] {
    return this.#confidence;
  }

  strengthOf(): number {
    return 0;
  }

  recordPoll(count: number, choice: Choice): void {
    if (this.#finalized) return;
    const { alphaPreference, conditions } = this.#rules;
    if (count < alphaPreference) {
      this.recordUnsuccessfulPoll();
      return;
    }
    if (choice !== this.#slush.preference) this.#confidence.fill(0);
    this.#slush.recordSuccessfulPoll(choice);
    for (const [i, { alphaConfidence, beta }] of conditions.entries()) {
      if (count < alphaConfidence) {
        this.#confidence.fill(0, i);
        return;
      }
      const counted = (this.#confidence[i] ?? 0) + 1;
      this.#confidence[i] = counted;
      if (counted >= beta) {
        this.#finalized = true;
        return;
      }
    }
  }

  recordUnsuccessfulPoll(): void {
    if (!this.#finalized) this.#confidence.fill(0);
  }

  extend<Next>(choice: Next): Snowflake<Next> {
    const next = new Snowflake(this.#rules, choice);
    for (const [i, counted] of this.#confidence.entries()) next.#confidence[i] = counted;
    next.#finalized = this.#finalized;
    return next;
  }
}
