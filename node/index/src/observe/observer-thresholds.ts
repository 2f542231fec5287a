/**
 * Where normal ends. Each stands well outside of what sound graphs showed: Gaussian rows of 1 to
 * 256 dimensions, uniform, clustered and heavy-tailed ones, lattices with many equal rows and MNIST,
 * M from 2 to 32, 10 to 5,000 rows, before and after ten rounds of churn.
 */
export const OBSERVER_THRESHOLDS = Object.freeze({
  /**
   * `long-paths`: 95 % of the rows lie within `hopsBase + hopsPerDoubling · log2(rows)` links of the
   * entry point. Sound graphs need less than half: 10 links at 2,000 one-dimensional rows.
   */
  hopsBase: 4,
  hopsPerDoubling: 2,
  /** Where paths are so long that few searches arrive: a multiple of that bound. */
  hopsCriticalFactor: 4,
  /** `weak-degree`: a row with fewer links hangs by one; after churn a sound graph may have one. */
  degreeFloor: 2,
  weakRowsMin: 8,
  weakRowsShareMin: 0.01,
  /** The mean degree is at least M times this; sound graphs have 1.1 to 2 times M. */
  degreePerMMin: 0.5,
  /**
   * `skewed-in-degree`: the share of all links that lead to the hundredth of the rows with the most.
   * Hubs of 256 dimensions take 0.09, a lattice with equal rows 0.14.
   */
  hubShareMax: 0.3,
  /** Below, a hundredth is a handful of rows and everybody links to everybody. */
  hubRowsMin: 500,
  /** `tombstone-share`: where other engines rebuild a segment; half; most of it. */
  deadShareNotice: 0.2,
  deadShareWarning: 0.5,
  deadShareCritical: 0.8,
  /** Fewer dead rows cost nobody anything. */
  deadRowsMin: 64,
  /**
   * `sparse-region`: a row is remote when its neighbourhood is this many times wider than the
   * median one, and wider than the spread of all widths explains: that many robust standard
   * deviations of their logarithms.
   */
  remoteFactor: 3,
  remoteDeviations: 6,
  /** Every set has a few outliers; one-dimensional rows the most, 0.0036 of them. */
  remoteShareMin: 0.005,
  remoteRowsMin: 8,
  /** Where a sparse region is a part of the collection and not its rim. */
  remoteShareWarning: 0.1,
  /**
   * `hot-spot`: the probability that two queries have the same nearest row, as a multiple of that
   * of two rows, which tells how much the hubs of this collection draw by themselves.
   */
  collisionFactor: 4,
  /** As a multiple of 1 / rows, for collections too small to measure their hubs. */
  collisionRowsFactor: 8,
  collisionMin: 0.01,
  /** Queries in the window before anything is said about them. */
  hotQueriesMin: 200,
  /** Where one row alone is the answer to that share of the queries. */
  hotRowShareWarning: 0.25,
  /** `low-recall`: audited queries before anything is said. */
  auditedQueriesMin: 30,
  /** Where recall is certainly that far below the target. */
  recallGapCritical: 0.1,
});
