// Snowball: Snowflake that also keeps the score. It prefers the choice that won most polls, while
// the Snowflake underneath decides; so what is decided can, rarely, differ from what was preferred.

import type { InstanceRules, SnowInstance } from './snow-instance.ts';
import { Snowflake } from './snowflake.ts';

/** Invariant: the preference has the greatest strength; among equals the older one stays. */
export class Snowball<Choice> implements SnowInstance<Choice> {
  readonly #rules: InstanceRules;
  #snowflake: Snowflake<Choice>;
  readonly #strengths = new Map<Choice, number>();
  #strongest: Choice;

  constructor(rules: InstanceRules, preference: Choice) {
    this.#rules = rules;
    this.#snowflake = new Snowflake(rules, preference);
    this.#strongest = preference;
  }

  get preference(): Choice {
    return this.#snowflake.finalized ? this.#snowflake.preference : this.#strongest;
  }

  get finalized(): boolean {
    return this.#snowflake.finalized;
  }

  get confidence(): readonly number[] {
    return this.#snowflake.confidence;
  }

  /** The choice that won most polls, whatever was decided. */
  get strongest(): Choice {
    return this.#strongest;
  }

  strengthOf(choice: Choice): number {
    return this.#strengths.get(choice) ?? 0;
  }

  recordPoll(count: number, choice: Choice): void {
    if (count >= this.#rules.alphaPreference) {
      const strength = this.strengthOf(choice) + 1;
      this.#strengths.set(choice, strength);
      if (strength > this.strengthOf(this.#strongest)) this.#strongest = choice;
    }
    this.#snowflake.recordPoll(count, choice);
  }

  recordUnsuccessfulPoll(): void {
    this.#snowflake.recordUnsuccessfulPoll();
  }

  extend<Next>(choice: Next): Snowball<Next> {
    const next = new Snowball(this.#rules, choice);
    next.#snowflake = this.#snowflake.extend(choice);
    next.#strengths.set(choice, this.strengthOf(this.#strongest));
    return next;
  }
}
