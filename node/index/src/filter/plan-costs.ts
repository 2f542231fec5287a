import { distanceNanoseconds } from '../select/distance-time.ts';

/** Rows of this shape give the ratio between a distance of a scan and one of a walk. */
const TYPICAL_ROW = { dimension: 784, vectorType: 'f32' } as const;

/** The constants of the model beside those of walks; one distance of a graph walk is 1. */
export const PLAN_COSTS = Object.freeze({
  /** A distance of a scan, measured 0.15 to 0.3: rows lie in order, no candidates are kept. */
  scanDistance: distanceNanoseconds('flat', TYPICAL_ROW) / distanceNanoseconds('hnsw', TYPICAL_ROW),
  /** Rows of a table that a filter goes through in the time of one distance. */
  evaluatedRowsPerDistance: 100,
  /** Asking the filter about one row that was found: an id, a hit, and the columns. */
  askedRow: 2,
  /** Under `in-graph`, ef shrinks with the selectivity to this power, down to k. */
  narrowingExponent: 0.25,
  /** Deviations by which post-filtering asks for more than k / s rows. */
  oversampledDeviations: 3,
});
