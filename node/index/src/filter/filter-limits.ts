// The named limits of columns and filters. Each refusal quotes the name.

export const FILTER_LIMITS = Object.freeze({
  /** Columns of one table. */
  columnsMax: 256,
  /** UTF-16 units of one keyword, stored or asked for. */
  keywordLengthMax: 1_024,
  /** Keywords of one row in one column. */
  keywordsPerRowMax: 1_024,
  /** `and`, `or` and `not` within each other. */
  filterDepthMax: 16,
  /** Tests of one filter, all levels together. */
  filterTestsMax: 1_024,
  /** Values of one `in`, `containsAny` or `containsAll`. */
  filterValuesMax: 65_536,
  /** Ids of one `ids`. */
  filterIdsMax: 1_000_000,
});
