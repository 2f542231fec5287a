// What a decision is made of, whichever of the family makes it: Snowflake and Snowball over one
// choice (unary), two bits (binary) or many digests (n-ary) are the same mechanism.

export interface TerminationCondition {
  /** Answers for the preference that make a poll count towards `beta`. */
  readonly alphaConfidence: number;
  /** Polls in a row that must count. */
  readonly beta: number;
}

export interface InstanceRules {
  /** Answers for a choice that make it the preference. */
  readonly alphaPreference: number;
  /**
   * Several conditions are error-driven Snowflake: whichever is fulfilled first decides. Invariant:
   * ascending in alphaConfidence, non-ascending in beta.
   */
  readonly conditions: readonly TerminationCondition[];
}

/** Invariant: once `finalized`, the preference never changes. */
export interface SnowInstance<Choice> {
  readonly preference: Choice;
  readonly finalized: boolean;
  /** Per termination condition, the polls in a row that counted. */
  readonly confidence: readonly number[];
  /** Polls won by a choice; 0 throughout where nobody keeps the score (Snowflake). */
  strengthOf(choice: Choice): number;
  /** A poll in which `choice` had the most answers, `count` of them. */
  recordPoll(count: number, choice: Choice): void;
  /** A poll in which nothing reached alphaPreference. */
  recordUnsuccessfulPoll(): void;
  /**
   * An instance that has seen the same polls, all of them for `choice`: how a unary instance over
   * a range of bits becomes the binary one over a bit of it, or is cloned for a part of the range.
   */
  extend<Next>(choice: Next): SnowInstance<Next>;
}

export type StartInstance = <Choice>(preference: Choice) => SnowInstance<Choice>;
