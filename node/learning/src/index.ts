export { LEARNING_ERROR_CODES, LearningError, type LearningErrorCode } from './learning-error.ts';
export {
  exactAnswers,
  type MeasuredIndex,
  measureQueries,
  type QueryMeasure,
  recallLowerBound,
} from './measure-queries.ts';
export {
  type AcceptanceRules,
  DEFAULT_ACCEPTANCE,
  evaluatePattern,
  type HeldOutQueries,
  type PatternEvaluation,
  type PatternVerdict,
  RECALL_LOSS_MAX_MICROS,
  type SearchedSite,
} from './patterns/evaluate-pattern.ts';
export {
  type BasedQueries,
  CLUSTERS_MAX,
  LEARN_DEFAULTS,
  type LearnOptions,
  learnPatterns,
} from './patterns/learn-patterns.ts';
export { type BookedPattern, PatternBook } from './patterns/pattern-book.ts';
export {
  isNowhere,
  isSearchable,
  PATTERN_LIMITS,
  quantised,
  type SearchPattern,
  squaredDistance,
} from './patterns/search-pattern.ts';
export {
  TRAJECTORY_LIMITS,
  type Trajectory,
  TrajectoryLog,
  type TrajectorySummary,
} from './trajectory-log.ts';
export {
  EF_LADDER_DEFAULT,
  type LadderRow,
  TUNE_LIMITS,
  type TuneEvidence,
  type TuneOptions,
  tuneEfSearch,
} from './tune-ef-search.ts';
