export { LEARNING_ERROR_CODES, LearningError, type LearningErrorCode } from './learning-error.ts';
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
