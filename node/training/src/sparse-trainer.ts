import { scheduler } from 'node:timers/promises';
import { ContrastiveBatch } from './contrastive-batch.ts';
import { RowAdam } from './row-adam.ts';
import { seededUniforms, shuffle } from './seeded-random.ts';
import {
  checkFitTask,
  type EncoderTrainer,
  type FitOptions,
  type FitResult,
  type FitTask,
} from './trainer.ts';
import { BUILT_IN_ENGINE } from './training-engine.ts';
import { assertFinite, TrainingError } from './training-error.ts';

/**
 * Trains in this thread, in plain TypeScript over sparse rows: one step blocks the event loop for
 * some tens of milliseconds, between steps it turns. Use `createWorkerTrainer` beside a network.
 */
export function createSparseTrainer(): EncoderTrainer {
  const stopping = new AbortController();
  return {
    engine: BUILT_IN_ENGINE,
    fit: (task, options = {}) => fit(task, options, stopping.signal),
    stop: async () => stopping.abort(),
  };
}

async function fit(task: FitTask, options: FitOptions, stopping: AbortSignal): Promise<FitResult> {
  throwIfEnded(options.signal, stopping);
  checkFitTask(task);
  const { shape, epochs } = task;
  const examples = task.pairs.queries.rows;
  const batches = Math.ceil(examples / task.batchSize);
  const steps = epochs * batches;
  const parameters = task.parameters.slice();
  const batch = new ContrastiveBatch(shape, task.pairs, Math.ceil(examples / batches));
  const adam = new RowAdam(shape.buckets, shape.dimension);
  const gradient = new Float64Array(shape.dimension);
  const uniform = seededUniforms(task.seed);
  const order = Int32Array.from({ length: examples }, (_, row) => row);
  const epochLosses: number[] = [];
  let firstLoss = Number.NaN;
  let lastLoss = Number.NaN;
  let step = 0;
  for (let epoch = 0; epoch < epochs; epoch++) {
    shuffle(order, uniform);
    let epochLoss = 0;
    for (let b = 0; b < batches; b++) {
      const start = Math.floor((b * examples) / batches);
      const end = Math.floor(((b + 1) * examples) / batches);
      lastLoss = batch.forward(parameters, order, start, end, task.temperature);
      assertLoss(lastLoss, step);
      for (let t = 0; t < batch.touched; t++) {
        batch.gradientOf(t, gradient);
        adam.step(parameters, batch.buckets[t] as number, gradient, task.learningRate);
      }
      if (step === 0) firstLoss = lastLoss;
      step += 1;
      epochLoss += (lastLoss * (end - start)) / examples;
      const epochsDone = b === batches - 1 ? epoch + 1 : epoch;
      options.onProgress?.({ epoch: epochsDone, epochs, step, steps, loss: lastLoss });
      await scheduler.yield();
      throwIfEnded(options.signal, stopping);
    }
    epochLosses.push(epochLoss);
  }
  assertFinite(parameters, 'trained parameters');
  return { parameters, examples, steps, firstLoss, lastLoss, epochLosses };
}

function assertLoss(loss: number, step: number): void {
  if (!Number.isFinite(loss)) {
    throw new TrainingError(
      'non-finite-loss',
      `loss is ${loss} at step ${step}; lower the learning rate or check the starting parameters`,
    );
  }
}

function throwIfEnded(signal: AbortSignal | undefined, stopping: AbortSignal): void {
  if (stopping.aborted) throw new TrainingError('stopped', 'the trainer was stopped');
  if (signal?.aborted) {
    throw new TrainingError('aborted', 'the fit was aborted', { cause: signal.reason });
  }
}
