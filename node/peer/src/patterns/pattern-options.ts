// What a site does with patterns, as its operator decides.

export interface PatternOptions {
  /** Whether what this site learns may be proposed to others; a proposal reveals topics of queries. */
  readonly propose: boolean;
  /** Whether final patterns say how wide this site searches. */
  readonly use: boolean;
  /** Whether the queries of the training documents count as asked. */
  readonly rehearse: boolean;
  /** Searches between two learnings in the background. */
  readonly learnEvery: number;
  /** Of so many searches one is asked again exactly, in the background. */
  readonly auditEvery: number;
}

export const DEFAULT_PATTERN_OPTIONS: PatternOptions = Object.freeze({
  propose: false,
  use: false,
  rehearse: false,
  learnEvery: 1_000,
  auditEvery: 10,
});
