export type { PairRows } from './contrastive-batch.ts';
export {
  DEFAULT_EARLY_STOPPING,
  type EarlyStoppingOptions,
  type EarlyStoppingResult,
  fitUntilNoBetter,
} from './early-stopping.ts';
export {
  DEFAULT_ENCODER_SHAPE,
  type EncoderShape,
  encode,
  initialParameters,
  parameterCount,
} from './encoder.ts';
export { FEATURES_PER_TEXT_MAX, hashTexts, TEXT_LENGTH_MAX, words } from './hashing-features.ts';
export { TEMPERATURE_MIN } from './info-nce.ts';
export { evaluateRetrieval, type RetrievalMetrics, targetRanks } from './ranking-metrics.ts';
export { assertSparseRows, type SparseRows, selectRows } from './sparse-rows.ts';
export { createSparseTrainer } from './sparse-trainer.ts';
export {
  BATCH_SIZE_MAX,
  checkFitTask,
  DEFAULT_FIT_SETTINGS,
  type EncoderTrainer,
  EPOCHS_MAX,
  type FitOptions,
  type FitProgress,
  type FitResult,
  type FitSettings,
  type FitTask,
} from './trainer.ts';
export {
  assertFinite,
  TRAINING_ERROR_CODES,
  TrainingError,
  type TrainingErrorCode,
} from './training-error.ts';
export { createWorkerTrainer, FITS_WAITING_MAX } from './worker-trainer.ts';
