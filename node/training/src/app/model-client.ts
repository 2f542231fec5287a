// A node's side of the usual strategies for a model of the engine: plain local training (FedAvg and
// what averages like it), FedProx's proximal term (Li et al. 2020), SCAFFOLD's control variates
// (Karimireddy et al. 2020, option II) and the step count of FedNova (Wang et al. 2020).

import { type AppMessage, type RecordDict, recordDict } from '@starling/shared';
import { drawRows, selectSamples } from '../datasets/draw-rows.ts';
import { type CompileOptions, type Correction, compile } from '../engine/program.ts';
import { SAMPLE_ELEMENTS_MAX, type Samples } from '../engine/samples.ts';
import { Trainer, type TrainerOptions } from '../engine/trainer.ts';
import type { TrainingResult, TrainingTask } from '../engine/training-task.ts';
import { elementsOf } from '../graph/graph.ts';
import type { Model } from '../layers/sequential.ts';
import type { Optimizer } from '../optimizers/optimizer.ts';
import { TrainingError } from '../training-error.ts';
import type { ClientContext, ClientHandler } from './client-app.ts';
import { type ControlVariates, controlVariates, nextControl } from './control-variates.ts';

export interface ModelClientOptions extends Omit<CompileOptions, 'corrections'> {
  readonly model: Model;
  /** A node's own training samples. */
  readonly samples: (context: ClientContext) => Samples | Promise<Samples>;
  /** What a node evaluates on; its training samples when left out. */
  readonly heldOut?: (context: ClientContext) => Samples | Promise<Samples>;
  /** A native process of its own when left out. */
  readonly trainer?: TrainerOptions;
}

export interface ModelClient extends AsyncDisposable {
  /**
   * Trains from `arrays.model` for `local-epochs` (1), or for `local-steps` of random batches, at
   * `learning-rate`; each is a setting of the message, else of the run. With `proximal-mu` above 0 it
   * trains as in FedProx, with `arrays.control` as in SCAFFOLD and answers `control-delta`. With the
   * setting `received-loss` it first measures the loss of the weights that it received and answers it
   * under this name: q-FedAvg's `trainLossKey`.
   *
   * @throws TrainingError as `Trainer.fit`; `invalid-options` for settings
   */
  readonly train: ClientHandler;
  /** `loss`, for class labels `accuracy`, and `num-examples`. */
  readonly evaluate: ClientHandler;
  stop(): Promise<void>;
}

export const LOCAL_STEPS_MAX = 1_000_000;
/** Of SCAFFOLD: control variates from the way of the local steps. */
const CONTROL_OPTION = 2;
const ROUNDING = 1e-6;
const RECEIVED = 'received-loss';

/** Handlers for `clientApp`; the trainers behind them start when they are first needed. */
export function modelClient(options: ModelClientOptions): ModelClient {
  const { model, samples, heldOut = samples } = options;
  const trainers = new TrainerSet(options);
  const stop = () => trainers.stop();
  return {
    async train(message, context) {
      return trained(await samples(context), { message, context, trainers });
    },
    async evaluate(message, context) {
      const own = await heldOut(context);
      const trainer = await trainers.with([]);
      const weights = modelOf(message);
      const scores = await trainer.evaluate({ ...own, weights, signal: context.signal });
      return recordDict({ metrics: { ...scores, 'num-examples': countOf(model, own) } });
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

interface Asked {
  readonly message: AppMessage;
  readonly context: ClientContext;
  readonly trainers: TrainerSet;
}

async function trained(samples: Samples, { message, context, trainers }: Asked) {
  const weights = modelOf(message);
  const mu = settingOf('proximal-mu', message, context, 0);
  const control = controlVariates(message.content, context.state);
  const learningRate = settingOf('learning-rate', message, context);
  const corrections: Correction[] = [];
  if (mu > 0) corrections.push('proximal');
  if (control !== undefined) corrections.push('control');
  const trainer = await trainers.with(corrections);
  const { model, optimizer } = trainer.program;
  checkServer(optimizer, message, context);
  const task: TrainingTask = {
    ...localWork(trainer, samples, message, context),
    weights,
    learningRate,
    seed: context.seed,
    signal: context.signal,
    ...(mu > 0 && { proximal: { mu } }),
    ...(control && { control: control.correction }),
  };
  const received =
    (message.content.config[RECEIVED] ?? context.runConfig[RECEIVED])
      ? await trainer.evaluate({ ...samples, weights, signal: context.signal })
      : undefined;
  const result = await trainer.fit(task);
  const moved = optimizer.accumulation?.(result.steps);
  const delta = control && controlDelta(control, { weights, result, learningRate, moved });
  if (control && delta) context.state = withControl(context.state, control, delta);
  return recordDict({
    arrays: { model: result.weights, ...(delta && { 'control-delta': delta }) },
    metrics: {
      'num-examples': countOf(model, samples),
      'local-steps': result.steps,
      ...(moved !== undefined && { 'local-accumulation': moved }),
      ...(received && { [RECEIVED]: received.loss }),
      'train-loss': result.epochLosses.at(-1) ?? 0,
    },
  });
}

/** Whole epochs of the samples, or steps of batches drawn from them. */
function localWork(
  { program }: Trainer,
  samples: Samples,
  message: AppMessage,
  context: ClientContext,
): Samples & { readonly epochs: number } {
  const steps = settingOf('local-steps', message, context, 0);
  if (steps === 0) return { ...samples, epochs: settingOf('local-epochs', message, context, 1) };
  if (!Number.isInteger(steps) || steps < 0 || steps > LOCAL_STEPS_MAX) {
    refuse(`local-steps is ${steps}: a whole number 0 … ${LOCAL_STEPS_MAX}`);
  }
  const { model, batch } = program;
  if (steps * batch * elementsOf(model.input) > SAMPLE_ELEMENTS_MAX) {
    refuse(`local-steps is ${steps}: more than ${SAMPLE_ELEMENTS_MAX} elements of samples`);
  }
  const rows = drawRows(countOf(model, samples), steps * batch, context.seed);
  return { ...selectSamples(model, samples, rows), epochs: 1 };
}

/** What the server assumes of the local steps has to hold. */
function checkServer(
  optimizer: Pick<Optimizer, 'accumulation' | 'name'>,
  message: AppMessage,
  context: ClientContext,
): void {
  const option = settingOf('control-option', message, context, CONTROL_OPTION);
  if (option !== CONTROL_OPTION) {
    refuse(`control-option is ${option}: this node makes control variates by option 2 only`);
  }
  const own = (optimizer.accumulation?.(2) ?? Number.NaN) - 2;
  const momentum = settingOf('momentum', message, context, own || 0);
  if (!(Math.abs(momentum - (own || 0)) < ROUNDING)) {
    refuse(`the server counts with momentum ${momentum}; ${optimizer.name} has ${own}`);
  }
}

interface Move {
  readonly weights: Float32Array;
  readonly result: TrainingResult;
  readonly learningRate: number;
  readonly moved: number | undefined;
}

function controlDelta(control: ControlVariates, { weights, result, learningRate, moved }: Move) {
  if (moved === undefined) return refuse('SCAFFOLD needs the optimiser sgd or momentum');
  return nextControl(control, weights, result.weights, learningRate * moved);
}

function withControl(state: RecordDict, { own }: ControlVariates, delta: Float32Array): RecordDict {
  const control = own.map((value, i) => value + (delta[i] ?? 0));
  return { ...state, arrays: { ...state.arrays, control } };
}

function modelOf({ content }: AppMessage): Float32Array {
  return content.arrays['model'] ?? refuse('the message has no arrays.model');
}

function settingOf(
  name: string,
  { content }: AppMessage,
  { runConfig }: ClientContext,
  fallback?: number,
): number {
  const value = content.config[name] ?? runConfig[name] ?? fallback;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  return refuse(`${name} is ${value ?? 'missing'}: a number, from the message or the run config`);
}

function countOf(model: Pick<Model, 'input'>, { x }: Samples): number {
  return x.length / elementsOf(model.input);
}

function refuse(message: string): never {
  throw new TrainingError('invalid-options', message);
}

/** One trainer per set of corrections that a strategy asks for. */
class TrainerSet {
  readonly #options: ModelClientOptions;
  readonly #trainers = new Map<string, Promise<Trainer>>();

  constructor(options: ModelClientOptions) {
    this.#options = options;
  }

  with(corrections: readonly Correction[]): Promise<Trainer> {
    const key = corrections.join(' ');
    const known = this.#trainers.get(key);
    if (known !== undefined) return known;
    const { model, trainer = { engine: 'native', isolate: 'process' }, ...rest } = this.#options;
    const { samples: _samples, heldOut: _heldOut, ...options } = rest;
    const started = Trainer.create(compile(model, { ...options, corrections }), trainer);
    this.#trainers.set(key, started);
    return started;
  }

  async stop(): Promise<void> {
    const trainers = [...this.#trainers.values()];
    this.#trainers.clear();
    for (const trainer of trainers) await (await trainer).stop();
  }
}
