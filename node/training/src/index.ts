export type { PairRows } from './contrastive-batch.ts';
export {
  defaultEarlyStopping,
  type EarlyStoppingOptions,
  type EarlyStoppingResult,
  fitUntilNoBetter,
} from './early-stopping.ts';
export {
  defaultEncoderShape,
  type EncoderShape,
  encode,
  initialParameters,
  parameterCount,
} from './encoder.ts';
export { featuresPerTextMax, hashTexts, textLengthMax, words } from './hashing-features.ts';
export { temperatureMin } from './info-nce.ts';
export { evaluateRetrieval, type RetrievalMetrics, targetRanks } from './ranking-metrics.ts';
export { assertSparseRows, type SparseRows, selectRows } from './sparse-rows.ts';
export { createSparseTrainer } from './sparse-trainer.ts';
export {
  batchSizeMax,
  checkFitTask,
  defaultFitSettings,
  epochsMax,
  type FitOptions,
  type FitProgress,
  type FitResult,
  type FitSettings,
  type FitTask,
  type Trainer,
} from './trainer.ts';
export {
  assertFinite,
  TrainingError,
  type TrainingErrorCode,
  trainingErrorCodes,
} from './training-error.ts';
export { createWorkerTrainer, fitsWaitingMax } from './worker-trainer.ts';
