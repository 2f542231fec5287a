// Training with patience on a held-out metric (Prechelt 1998, "Early stopping — but when?"): the
// fair baseline of a site that trains alone, which may take as many epochs as help it.
import type { EncoderTrainer, FitTask } from './trainer.ts';
import { TrainingError } from './training-error.ts';

export interface EarlyStoppingOptions {
  /** Epochs between two validations; Adam starts afresh after each, as after a federated round. */
  readonly epochsPerCheck: number;
  /** Validations in a row without a new best before giving up. */
  readonly patience: number;
  readonly epochsMax: number;
}

export const DEFAULT_EARLY_STOPPING: EarlyStoppingOptions = Object.freeze({
  epochsPerCheck: 2,
  patience: 4,
  epochsMax: 40,
});

export interface EarlyStoppingResult {
  /** [buckets × dimension], of the best validation; the starting ones when none was better. */
  readonly parameters: Float32Array;
  readonly bestMetric: number;
  /** Epochs after which the best parameters were reached. */
  readonly bestEpochs: number;
  readonly epochsRun: number;
  /** The metric before training, then after every check. */
  readonly metrics: readonly number[];
}

/**
 * Fits until the validation metric stops rising.
 *
 * @param task its `epochs` is replaced by `epochsPerCheck`; its seed advances with every check
 * @param validate the metric to raise, from parameters [buckets × dimension]
 * @throws TrainingError `non-finite-score` when the metric is not finite, `invalid-options`, and
 *   whatever the trainer rejects with
 */
export async function fitUntilNoBetter(
  trainer: EncoderTrainer,
  task: FitTask,
  validate: (parameters: Float32Array) => number,
  options: EarlyStoppingOptions & { readonly signal?: AbortSignal } = DEFAULT_EARLY_STOPPING,
): Promise<EarlyStoppingResult> {
  checkOptions(options);
  const fitOptions = options.signal === undefined ? {} : { signal: options.signal };
  let parameters = task.parameters;
  let best = { parameters, metric: finiteMetric(validate(parameters)), epochs: 0 };
  const metrics = [best.metric];
  let epochsRun = 0;
  for (let worse = 0; worse < options.patience && epochsRun < options.epochsMax; ) {
    const epochs = Math.min(options.epochsPerCheck, options.epochsMax - epochsRun);
    const seed = (task.seed + metrics.length) | 0;
    const result = await trainer.fit({ ...task, parameters, epochs, seed }, fitOptions);
    parameters = result.parameters;
    epochsRun += epochs;
    const metric = finiteMetric(validate(parameters));
    metrics.push(metric);
    if (metric > best.metric) {
      best = { parameters, metric, epochs: epochsRun };
      worse = 0;
    } else {
      worse += 1;
    }
  }
  return {
    parameters: best.parameters,
    bestMetric: best.metric,
    bestEpochs: best.epochs,
    epochsRun,
    metrics,
  };
}

function checkOptions(options: EarlyStoppingOptions): void {
  for (const name of ['epochsPerCheck', 'patience', 'epochsMax'] as const) {
    if (!(Number.isInteger(options[name]) && options[name] >= 1)) {
      throw new TrainingError('invalid-options', `${name} is ${options[name]}: must be at least 1`);
    }
  }
}

function finiteMetric(metric: number): number {
  if (Number.isFinite(metric)) return metric;
  throw new TrainingError('non-finite-score', `the validation metric is ${metric}`);
}
