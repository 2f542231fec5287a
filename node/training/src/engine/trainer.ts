// Trains a program's model on a site's samples: natively or in WebAssembly, in this thread or in a
// process of its own.

import { programFromOnnx } from '../exported/foreign-program.ts';
import { assertFinite, TrainingError } from '../training-error.ts';
import { throwIfAborted } from './abortable.ts';
import { plainOrder } from './batch-order.ts';
import { DEFAULT_ENGINE_PROCESS_OPTIONS, type EngineProcessOptions } from './engine-process.ts';
import { type Feeds, float32Feed } from './feeds.ts';
import { type FitTask, fitPlan } from './fit-plan.ts';
import { createLocalHost, type GraphHost, type HostedRun } from './graph-host.ts';
import { type LabelScores, labelScores } from './label-scores.ts';
import { optimizerStateOf, slotFeeds } from './optimizer-state.ts';
import { createProcessHost } from './process-host.ts';
import type { Program } from './program.ts';
import { anchorName, controlName, INPUT, parameterName } from './program-names.ts';
import { SampleSet } from './sample-set.ts';
import {
  checkBatches,
  type Inputs,
  inputRows,
  type Samples,
  sampleFeeds,
  weightFeeds,
} from './samples.ts';
import type { Engine, Feed } from './session.ts';
import { CHUNK_TARGET_MS } from './stepped-run.ts';
import { checkTask, type TrainingResult, type TrainingSettings } from './training-task.ts';

export interface TrainerOptions extends Partial<EngineProcessOptions> {
  /** `wasm` gives the same bits on every machine, at about a third of the speed. */
  readonly engine: Engine;
  /** `none` blocks the calling thread for a seventh of a second at a time. */
  readonly isolate: 'process' | 'none';
  /** Native threads inside an operator; 1 is fastest at the sizes of a site. */
  readonly threads?: number;
  /**
   * CPU time after which a fit reports and looks at its signal: 150 ms when left out. A tiny one runs
   * step by step.
   */
  readonly chunkMs?: number;
}

const THREADS_MAX = 64;
/** Node itself does not start with less. */
const MEMORY_MIB_MIN = 1024;
const FIRST_STEPS = 1;
const FIRST_ROWS = 64;

/** One program on one engine; calls on it run one after another in a process. */
export class Trainer {
  readonly program: Program;
  readonly #host: GraphHost;
  readonly #chunkMs: number | undefined;

  private constructor(program: Program, host: GraphHost, chunkMs: number | undefined) {
    this.program = program;
    this.#host = host;
    this.#chunkMs = chunkMs;
  }

  /** @throws TrainingError `invalid-options`, naming the violated rule */
  static async create(program: Program, options: TrainerOptions): Promise<Trainer> {
    checkOptions(options);
    const { engine, isolate, threads = 1, chunkMs, ...own } = options;
    const { training, evaluation, prediction } = program;
    const hosted = { engine, threads, graphs: { training, evaluation, prediction } };
    const host =
      isolate === 'none'
        ? createLocalHost(hosted)
        : createProcessHost(hosted, { ...DEFAULT_ENGINE_PROCESS_OPTIONS, ...own });
    return new Trainer(program, host, chunkMs);
  }

  /**
   * A trainer of a training step that was exported elsewhere, such as from PyTorch by the script in
   * `export/`. The bytes are checked before any runtime sees them; in a process (the default) a
   * hostile graph that hangs is killed.
   *
   * @param manifest - parsed JSON, see `StepManifest`
   * @throws TrainingError as `programFromOnnx` and `create`
   */
  static async fromOnnx(
    step: Uint8Array,
    manifest: unknown,
    options: Partial<TrainerOptions> & { readonly prediction?: Uint8Array | undefined } = {},
  ): Promise<Trainer> {
    const { prediction, ...rest } = options;
    const program = programFromOnnx(step, manifest, prediction);
    return Trainer.create(program, { engine: 'native', isolate: 'process', ...rest });
  }

  /**
   * Trains for some epochs from the given weights: on arrays, on a loaded set, or on a stream of pieces
   * that need not fit into memory.
   *
   * @throws TrainingError `aborted` within 200 ms of the signal, `non-finite-loss`,
   *   `shape-mismatch`, `invalid-options`, `empty-dataset`, `worker-died`, `stopped`; what a stream throws
   */
  async fit(task: FitTask): Promise<TrainingResult> {
    const { program } = this;
    checkTask(program, task);
    throwIfAborted(task.signal);
    const plan = fitPlan(program, task, this.#host);
    const start = {
      fixed: { ...plan.fixed, ...correctionFeeds(program, task) },
      held: plan.held,
      carried: {
        ...weightFeeds(program, task.weights),
        ...slotFeeds(program, task.optimizerState),
      },
      gathers: INPUT.losses,
      firstChunk: FIRST_STEPS,
      chunkMs: this.#chunkMs,
    };
    const run = await this.#host.begin('training', start, task.signal);
    let examples: number;
    try {
      examples = await plan.advance(run);
    } catch (error) {
      run.giveUp();
      throw error;
    }
    const carried = await run.finish();
    const weights = flatWeights(program, carried);
    assertFinite(weights, 'weights');
    const { losses, epochLosses, steps } = plan.meter;
    const made = (task.optimizerState?.steps ?? 0) + steps;
    const optimizerState = optimizerStateOf(program, carried, made);
    return { weights, losses, epochLosses, steps, optimizerState, examples };
  }

  /**
   * Keeps samples where the trainer trains, so that later fits on them copy nothing: worth it when the
   * same site fits the same data every round. The arrays may not change while they are loaded.
   *
   * @throws TrainingError as `fit` for samples that do not fit
   */
  load(data: Samples): SampleSet {
    const { samples, feeds } = sampleFeeds(this.program, data);
    return new SampleSet(this.#host, this.#host.hold(feeds), samples);
  }

  /** The model's outputs, `[samples × …output]`. */
  async predict(options: {
    readonly weights: Float32Array;
    readonly x: Inputs;
    readonly signal?: AbortSignal;
  }): Promise<Float32Array> {
    const { weights, x, signal } = options;
    const { program } = this;
    if (program.prediction === undefined) {
      const message = 'the exported step came without a prediction graph; give prediction';
      throw new TrainingError('invalid-options', message);
    }
    const { samples, feeds } = inputRows(program, x);
    if (samples === 0) return new Float32Array();
    const parameters = weightFeeds(program, weights);
    const isBatched = program.predicts === 'batches';
    const fixed = isBatched ? { ...parameters, ...feeds } : parameters;
    const firstChunk = isBatched ? FIRST_STEPS : FIRST_ROWS;
    const start = { fixed, carried: {}, gathers: INPUT.outputs, firstChunk };
    const run = await this.#host.begin('prediction', start, signal);
    const outputs = isBatched
      ? await batchedOutputs(run, program, samples, signal)
      : await run.advance(samples, feeds, { signal });
    await run.finish();
    return outputs;
  }

  /** Mean loss over samples; for class labels the accuracy too. Nothing is dropped out. */
  async evaluate(
    options: Samples & { readonly weights: Float32Array; readonly signal?: AbortSignal },
  ): Promise<LabelScores | { readonly loss: number }> {
    const { program } = this;
    const { samples, feeds } = sampleFeeds(program, options);
    if (program.loss.target === 'labels' && program.prediction !== undefined) {
      return labelScores(await this.predict(options), options.y);
    }
    checkBatches(program, samples);
    const { steps, feeds: ordered } = plainOrder(samples, program.batch);
    const scalars = program.lossScalars.map((name) => {
      const value = program.loss.scalars[name] ?? Number.NaN;
      return [name, float32Feed(new Float32Array(steps).fill(value), [steps])];
    });
    const start = {
      fixed: { ...feeds, ...weightFeeds(program, options.weights) },
      carried: {},
      gathers: INPUT.losses,
      firstChunk: FIRST_STEPS,
    };
    const run = await this.#host.begin('evaluation', start, options.signal);
    const perStep = { ...ordered, ...Object.fromEntries(scalars) };
    const losses = await run.advance(steps, perStep, { signal: options.signal });
    await run.finish();
    const weighted = losses.map((loss, i) => {
      return loss * Math.min(program.batch, samples - i * program.batch);
    });
    return { loss: weighted.reduce((sum, loss) => sum + loss, 0) / samples };
  }

  /** Ends running work with `stopped` and releases everything. */
  async stop(): Promise<void> {
    await this.#host.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

/** Outputs of whole batches; the last one is filled up with a row that is cut off again. */
async function batchedOutputs(
  run: HostedRun,
  { batch }: Program,
  samples: number,
  signal: AbortSignal | undefined,
): Promise<Float32Array> {
  const { steps, feeds } = plainOrder(samples, batch);
  const order = { [INPUT.order]: feeds[INPUT.order] as Feed };
  const outputs = await run.advance(steps, order, { signal });
  return outputs.slice(0, (outputs.length / (steps * batch)) * samples);
}

function checkOptions(options: TrainerOptions): void {
  const { engine, threads = 1, chunkMs = CHUNK_TARGET_MS, ...process } = options;
  const { memoryMiB, stallTimeoutMs } = { ...DEFAULT_ENGINE_PROCESS_OPTIONS, ...process };
  const rules: Readonly<Record<string, boolean>> = {
    [`threads is ${threads}: a whole number 1 … ${THREADS_MAX}`]:
      Number.isInteger(threads) && threads >= 1 && threads <= THREADS_MAX,
    [`threads is ${threads}: WebAssembly has one`]: engine === 'native' || threads === 1,
    [`memoryMiB >= ${MEMORY_MIB_MIN}, but memoryMiB = ${memoryMiB}`]: memoryMiB >= MEMORY_MIB_MIN,
    [`chunkMs > 0, but chunkMs = ${chunkMs}`]: chunkMs > 0,
    [`stallTimeoutMs > 0, but stallTimeoutMs = ${stallTimeoutMs}`]: stallTimeoutMs > 0,
  };
  const violated = Object.keys(rules).find((rule) => !rules[rule]);
  if (violated !== undefined) throw new TrainingError('invalid-options', violated);
}

function correctionFeeds(
  program: Program,
  { proximal, control, weights }: TrainingSettings,
): Feeds {
  const anchors = proximal && {
    [INPUT.proximal]: float32Feed(Float32Array.of(proximal.mu), []),
    ...weightFeeds(program, proximal.anchor ?? weights, 'anchor', anchorName),
  };
  return { ...anchors, ...(control && weightFeeds(program, control, 'control', controlName)) };
}

function flatWeights({ model }: Program, carried: Feeds): Float32Array {
  const weights = new Float32Array(model.parameterCount);
  for (const [i, { offset }] of model.parameters.entries()) {
    weights.set(carried[parameterName(i)]?.data as Float32Array, offset);
  }
  return weights;
}
