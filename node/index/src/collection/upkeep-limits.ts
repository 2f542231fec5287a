/** The named limits of inspecting, verifying and repairing a collection. */
export const UPKEEP_LIMITS = Object.freeze({
  /** Bytes of the query vectors that a folder remembers. */
  keptQueryBytesMax: 2 ** 22,
  /** Rows that are asked to find themselves; of more, a seeded sample. */
  selfSearchRowsMax: 10_000,
  /** Width of the beam by which they must. */
  selfSearchEf: 64,
  /** Contradictions of one graph that a report spells out. */
  problemsNamedMax: 10,
});
