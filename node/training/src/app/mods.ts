// Mods that ship: what stands around a client's handlers without knowing the model.

import { type AppMessage, euclideanNorm, type RecordDict } from '@starling/shared';
import { TrainingError } from '../training-error.ts';
import type { ClientContext, Mod } from './client-app.ts';

/** The array that holds the model's weights. */
const MODEL = 'model';

export interface ClipOptions {
  /** Largest Euclidean norm of what a node adds to the weights that it was sent. */
  readonly clippingNorm: number;
}

/**
 * Shortens what training added to the weights to `clippingNorm` where it is longer; the metrics
 * `update-norm` and `update-clipped` (0 or 1) say what happened.
 *
 * @throws TrainingError `invalid-options` unless the norm is positive and finite
 */
export function clipToNorm({ clippingNorm }: ClipOptions): Mod {
  checkNorm(clippingNorm);
  return onUpdate((update, { content }) => {
    const norm = euclideanNorm(update);
    const scale = norm > clippingNorm ? clippingNorm / norm : 1;
    const metrics = { 'update-norm': norm, 'update-clipped': norm > clippingNorm ? 1 : 0 };
    return {
      update: scale === 1 ? update : update.map((value) => value * scale),
      content: { ...content, metrics: { ...content.metrics, ...metrics } },
    };
  });
}

export interface LocalDpOptions extends ClipOptions {
  /**
   * Adds the noise: takes a clipped update `[elements]` and returns another. `addGaussianNoise` of
   * @starling/crypto is one; two updates of a node differ by at most 2 · clippingNorm.
   */
  readonly noise: (
    update: Float64Array,
    context: ClientContext,
  ) => Float64Array | Promise<Float64Array>;
}

/**
 * Local differential privacy: clips what training added, then adds noise, before anything leaves the
 * node (Flower's LocalDpMod). What it costs is the noise's to say.
 *
 * @throws TrainingError `invalid-options`, `shape-mismatch` when the noise changes the length
 */
export function localDp({ clippingNorm, noise }: LocalDpOptions): Mod {
  const clip = clipToNorm({ clippingNorm });
  const blur = onUpdate(async (update, { content, context }) => {
    const noisy = await noise(Float64Array.from(update), context);
    if (noisy.length !== update.length) {
      throw new TrainingError(
        'shape-mismatch',
        `the noise returned ${noisy.length} elements for ${update.length}`,
      );
    }
    return { update: Float32Array.from(noisy), content };
  });
  return (message, context, next) => {
    return blur(message, context, (inner, own) => clip(inner, own, next));
  };
}

/** Adds the metric `<kind>-ms`, by a clock of the caller's. It makes results differ from run to run. */
export function timed({ nowMs }: { readonly nowMs: () => number }): Mod {
  return async (message, context, next) => {
    const started = nowMs();
    const answer = await next(message, context);
    const metrics = { ...answer.metrics, [`${message.kind}-ms`]: nowMs() - started };
    return { ...answer, metrics };
  };
}

interface Answered {
  readonly content: RecordDict;
  readonly context: ClientContext;
}

type Changed = { readonly update: Float32Array; readonly content: RecordDict };

/** Lets `change` see trained − received; other messages and answers without weights pass. */
function onUpdate(
  change: (update: Float32Array, answered: Answered) => Changed | Promise<Changed>,
): Mod {
  return async (message, context, next) => {
    const answer = await next(message, context);
    const trained = answer.arrays[MODEL];
    if (message.kind !== 'train' || trained === undefined) return answer;
    const base = baseOf(message, trained.length);
    const update = trained.map((weight, i) => weight - (base[i] as number));
    const { content, update: changed } = await change(update, { content: answer, context });
    const model = changed.map((value, i) => value + (base[i] as number));
    return { ...content, arrays: { ...content.arrays, [MODEL]: model } };
  };
}

function baseOf(message: AppMessage, elements: number): Float32Array {
  const base = message.content.arrays[MODEL];
  if (base?.length === elements) return base;
  throw new TrainingError(
    'shape-mismatch',
    `trained weights have ${elements} elements, the message's model has ${base?.length ?? 'none'}`,
  );
}

function checkNorm(clippingNorm: number): void {
  if (clippingNorm > 0 && Number.isFinite(clippingNorm)) return;
  throw new TrainingError('invalid-options', `clippingNorm is ${clippingNorm}: a number above 0`);
}
