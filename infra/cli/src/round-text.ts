// What a round came to, for people.

interface Missing {
  readonly reason: string;
  readonly phase?: string;
}

interface Coverage {
  readonly members: number;
  readonly cohort: number;
  readonly examples: number;
  readonly registeredExamples: number;
}

/** `timeout in training`. */
export function missingText({ phase, reason }: Missing): string {
  return phase === undefined ? reason : `${reason} in ${phase}`;
}

/** `6 of 7 sites, 83.0 % of the examples`; shares of what the sites registered. */
export function coverageText({ cohort, examples, members, registeredExamples }: Coverage): string {
  const share = registeredExamples === 0 ? 0 : (100 * examples) / registeredExamples;
  return `${members} of ${cohort} sites, ${share.toFixed(1)} % of the examples`;
}
