import { scheduler } from 'node:timers/promises';
import { ContrastiveBatch } from './contrastive-batch.ts';
import type { EncoderShape } from './encoder.ts';
import { type Engine, openSession, type Session } from './engine/session.ts';
import { EngineBatch } from './engine-batch.ts';
import type { PairBatch } from './pair-batch.ts';
import { pairLossGraph } from './pair-loss-graph.ts';
import { RowAdam } from './row-adam.ts';
import { seededUniforms, shuffle } from './seeded-random.ts';
import {
  checkFitTask,
  DEFAULT_ENCODER_ENGINE,
  type EncoderTrainer,
  type FitOptions,
  type FitResult,
  type FitTask,
} from './trainer.ts';
import { type EngineDescription, type EngineName, encoderEngine } from './training-engine.ts';
import { assertFinite, TrainingError } from './training-error.ts';

/**
 * Trains in this thread over sparse rows, with the dense part of a step in plain TypeScript or on
 * ONNX Runtime: one step blocks the event loop for some ten milliseconds, between steps it turns. Use
 * `createWorkerTrainer` beside a network.
 */
export function createSparseTrainer(engine: EngineName = DEFAULT_ENCODER_ENGINE): EncoderTrainer {
  return new SparseTrainer(engine);
}

class SparseTrainer implements EncoderTrainer {
  readonly #engine: EngineName;
  readonly #stopping = new AbortController();
  readonly #running = new Set<Promise<FitResult>>();
  /** Opened once for each dimension: a fit may be short. */
  readonly #sessions = new Map<number, Promise<Session>>();

  constructor(engine: EngineName) {
    this.#engine = engine;
  }

  engine(shape: EncoderShape): EngineDescription {
    return encoderEngine(this.#engine, shape);
  }

  async fit(task: FitTask, options: FitOptions = {}): Promise<FitResult> {
    throwIfEnded(options.signal, this.#stopping.signal);
    checkFitTask(task);
    const run = this.#fit(task, options);
    this.#running.add(run);
    try {
      return await run;
    } finally {
      this.#running.delete(run);
    }
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.allSettled(this.#running);
    for (const session of this.#sessions.values()) await (await session).close();
    this.#sessions.clear();
  }

  async #fit(task: FitTask, options: FitOptions): Promise<FitResult> {
    const { pairs, shape } = task;
    const sizeMax = Math.ceil(pairs.queries.rows / batchesOf(task));
    const batch =
      this.#engine === 'built-in'
        ? new ContrastiveBatch(shape, pairs, sizeMax)
        : new EngineBatch(await this.#session(this.#engine, shape), shape, pairs, sizeMax);
    return fitBatches(batch, task, options, this.#stopping.signal);
  }

  async #session(engine: Engine, { dimension }: EncoderShape): Promise<Session> {
    const known = this.#sessions.get(dimension);
    const opening = known ?? openSession(pairLossGraph(dimension), { engine });
    this.#sessions.set(dimension, opening);
    try {
      return await opening;
    } catch (cause) {
      this.#sessions.delete(dimension);
      if (cause instanceof TrainingError) throw cause;
      const detail = cause instanceof Error ? cause.message : String(cause);
      const message = `the ${engine} engine does not start (${detail}): use "built-in"`;
      throw new TrainingError('engine-failed', message, { cause });
    }
  }
}

function batchesOf({ batchSize, pairs }: FitTask): number {
  return Math.ceil(pairs.queries.rows / batchSize);
}

async function fitBatches(
  batch: PairBatch,
  task: FitTask,
  options: FitOptions,
  stopping: AbortSignal,
): Promise<FitResult> {
  const { shape, epochs } = task;
  const examples = task.pairs.queries.rows;
  const batches = batchesOf(task);
  const steps = epochs * batches;
  const parameters = task.parameters.slice();
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
      lastLoss = await batch.forward(parameters, order, start, end, task.temperature);
      assertLoss(lastLoss, step + 1);
      const { columns } = batch;
      for (let t = 0; t < columns.touched; t++) {
        columns.sum(t, batch.gradient, gradient);
        adam.step(parameters, columns.buckets[t] as number, gradient, task.learningRate);
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
      { step },
    );
  }
}

function throwIfEnded(signal: AbortSignal | undefined, stopping: AbortSignal): void {
  if (stopping.aborted) throw new TrainingError('stopped', 'the trainer was stopped');
  if (signal?.aborted) {
    throw new TrainingError('aborted', 'the fit was aborted', { cause: signal.reason });
  }
}
