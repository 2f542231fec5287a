/** What the observer can find, by name. */
export const FINDING_NAMES = [
  'unreachable',
  'low-recall',
  'long-paths',
  'weak-degree',
  'skewed-in-degree',
  'tombstone-share',
  'sparse-region',
  'hot-spot',
] as const;

export type FindingName = (typeof FINDING_NAMES)[number];

/** From worth knowing, over costing something, to losing answers; ascending. */
export const SEVERITIES = ['notice', 'warning', 'critical'] as const;

export type Severity = (typeof SEVERITIES)[number];

/** Numbers by name: what was measured beside the bound that it violates. */
export type Evidence = Readonly<Record<string, number>>;

/** Something in an index, or in what it is asked, that an operator should know. */
export interface Finding {
  readonly name: FindingName;
  readonly severity: Severity;
  readonly evidence: Evidence;
  /** Some of the rows that show it. */
  readonly sampleIds: readonly string[];
  /** What to do, in one sentence. */
  readonly advice: string;
}

/** Ids that one finding shows at most. */
export const SAMPLE_IDS_MAX = 10;
