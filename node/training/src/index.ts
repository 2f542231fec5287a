export {
  type ClientApp,
  type ClientContext,
  type ClientHandler,
  type ClientParts,
  clientApp,
  type Mod,
} from './app/client-app.ts';
export { type CompressUpdatesOptions, compressUpdates } from './app/compress-updates.ts';
export {
  LOCAL_STEPS_MAX,
  type ModelClient,
  type ModelClientOptions,
  modelClient,
} from './app/model-client.ts';
export { type ClipOptions, clipToNorm, type LocalDpOptions, localDp, timed } from './app/mods.ts';
export type { ReadOptions } from './datasets/byte-stream.ts';
export {
  CSV_VALUES_MAX,
  type CsvColumn,
  type CsvTable,
  csvMatrix,
  readCsv,
  readCsvPieces,
} from './datasets/csv.ts';
export { CSV_FIELDS_MAX, CSV_RECORD_CHARS_MAX } from './datasets/csv-parser.ts';
export { type CsvOptions, type CsvType, MISSING_VALUES } from './datasets/csv-schema.ts';
export {
  type CsvSamplesOptions,
  csvSamples,
  type IdxSamplesOptions,
  idxSamples,
} from './datasets/file-samples.ts';
export { type IdxArray, type IdxRowsOptions, readIdx, readIdxPieces } from './datasets/idx.ts';
export {
  IDX_AXES_MAX,
  IDX_BYTES_MAX,
  type IdxData,
  type IdxType,
} from './datasets/idx-format.ts';
export type { Labels, Partition, PartitionOptions } from './datasets/partition.ts';
export { type ByGroupOptions, partitionByGroup } from './datasets/partition-by-group.ts';
export { type ByLabelOptions, partitionByLabel } from './datasets/partition-by-label.ts';
export { partitionBySite, type SiteFile, siteFiles } from './datasets/partition-by-site.ts';
export { type DirichletOptions, partitionDirichlet } from './datasets/partition-dirichlet.ts';
export { partitionIid } from './datasets/partition-iid.ts';
export { partitionShards, type ShardOptions } from './datasets/partition-shards.ts';
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
export type { OptimizerState } from './engine/optimizer-state.ts';
export {
  type CompileOptions,
  type Correction,
  compile,
  type LossName,
  type Program,
  type ProgramModel,
} from './engine/program.ts';
export type { SampleSet } from './engine/sample-set.ts';
export type { SampleStream } from './engine/sample-stream.ts';
export type { Inputs, Samples, Targets } from './engine/samples.ts';
export { type Engine, refuseTelemetry } from './engine/session.ts';
export { DEFAULT_SHUFFLE_BUFFER, SHUFFLE_BUFFER_MAX } from './engine/streamed-plan.ts';
export { Trainer, type TrainerOptions } from './engine/trainer.ts';
export type {
  Curriculum,
  LoadedTrainingTask,
  StreamedTrainingTask,
  TrainingProgress,
  TrainingResult,
  TrainingSettings,
  TrainingTask,
  Varying,
} from './engine/training-task.ts';
export { ONNX_FILE_BYTES_MAX } from './exported/foreign-graph.ts';
export { programFromOnnx } from './exported/foreign-program.ts';
export { MANIFEST_FORMAT, type StepManifest } from './exported/manifest.ts';
export { FEATURES_PER_TEXT_MAX, hashTexts, TEXT_LENGTH_MAX, words } from './hashing-features.ts';
export { TEMPERATURE_MIN } from './info-nce.ts';
export { attention } from './layers/attention.ts';
export { type Conv2dOptions, conv2d } from './layers/conv2d.ts';
export { dense } from './layers/dense.ts';
export { dropout } from './layers/dropout.ts';
export { embedding } from './layers/embedding.ts';
export type { Layer } from './layers/layer.ts';
export { layerNorm } from './layers/layer-norm.ts';
export {
  averagePool,
  flatten,
  gelu,
  maxPool,
  meanOverTokens,
  normalize,
  relu,
  sigmoid,
  softmax,
  softplus,
  tanh,
} from './layers/plain-layers.ts';
export {
  initialWeights,
  MODEL_PARAMETERS_MAX,
  type Model,
  type ModelParameter,
  residual,
  sequential,
} from './layers/sequential.ts';
export type { ContrastiveOptions } from './losses/in-batch.ts';
export { type InfoNceOptions, infoNce } from './losses/info-nce-loss.ts';
export type { Loss } from './losses/loss.ts';
export {
  type LocalContrastiveOptions,
  localContrastive,
  type TripletOptions,
  triplet,
} from './losses/margin-losses.ts';
export type { Mining } from './losses/mining.ts';
export { binaryCrossEntropy, meanSquaredError, softmaxCrossEntropy } from './losses/pointwise.ts';
export type { SpectralOptions } from './losses/spectral.ts';
export { type AdamOptions, adam, adamW } from './optimizers/adam.ts';
export type { Optimizer } from './optimizers/optimizer.ts';
export { type MomentumOptions, momentum, type SgdOptions, sgd } from './optimizers/sgd.ts';
export type { PairRows } from './pair-batch.ts';
export { evaluateRetrieval, type RetrievalMetrics, targetRanks } from './ranking-metrics.ts';
export {
  flatWeights,
  namedTensors,
  type TensorSource,
} from './safetensors/model-tensors.ts';
export type { NamedTensor } from './safetensors/named-tensor.ts';
export {
  type ReadSafetensorsOptions,
  readSafetensors,
  SAFETENSORS_ELEMENTS_MAX,
  type Safetensors,
} from './safetensors/read-safetensors.ts';
export {
  SAFETENSORS_AXES_MAX,
  SAFETENSORS_HEADER_BYTES_MAX,
  SAFETENSORS_TENSORS_MAX,
} from './safetensors/safetensors-header.ts';
export { encodeSafetensors, writeSafetensors } from './safetensors/write-safetensors.ts';
export {
  type CurriculumStage,
  cosine,
  curriculum,
  exponential,
  linear,
  plateau,
  type Schedule,
  stepDecay,
  warmUp,
} from './schedules/schedule.ts';
export { seededUniforms } from './seeded-random.ts';
export { assertSparseRows, type SparseRows, selectRows } from './sparse-rows.ts';
export { createSparseTrainer } from './sparse-trainer.ts';
export {
  BATCH_SIZE_MAX,
  checkFitTask,
  DEFAULT_ENCODER_ENGINE,
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
  ENGINE_NAMES,
  type EngineDescription,
  type EngineName,
  encoderEngine,
  WORKER_ENGINES,
  type WorkerEngine,
} from './training-engine.ts';
export {
  assertFinite,
  TRAINING_ERROR_CODES,
  TrainingError,
  type TrainingErrorCode,
} from './training-error.ts';
export { createWorkerTrainer, FITS_WAITING_MAX } from './worker-trainer.ts';
