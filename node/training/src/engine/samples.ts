// The arrays a fit is given, checked against the program before any engine sees them.

import { elementsOf } from '../graph/graph.ts';
import { assertFinite, TrainingError } from '../training-error.ts';
import { contentIds } from './content-ids.ts';
import { type Feeds, float32Feed, int64Feed } from './feeds.ts';
import type { Program } from './program.ts';
import { INPUT, parameterName } from './program-names.ts';
import type { Feed } from './session.ts';
import type { TrainingTask } from './training-task.ts';

/** Reals [samples × …]; ids as int32. */
export type Inputs = Float32Array | Int32Array;

/** Class numbers, values, or the other halves of pairs, as the loss wants. */
export type Targets = Float32Array | Int32Array | Uint8Array;

export interface Samples {
  readonly x: Inputs;
  readonly y: Targets;
  /**
   * One number per sample for a loss that masks equal pairs; equal contents have equal ids when they
   * are left out.
   */
  readonly ids?: { readonly x?: Int32Array; readonly y?: Int32Array };
}

/** Most elements of one array of samples (4 GiB of float32). */
export const SAMPLE_ELEMENTS_MAX = 2 ** 30;

/**
 * The feeds of checked samples.
 *
 * @throws TrainingError `shape-mismatch`, `empty-dataset` or `invalid-options`, naming both shapes
 */
export function sampleFeeds(program: Program, { x, y, ids }: Samples) {
  const { model } = program;
  const samples = rowsOf('x', x, model.input);
  if (samples === 0) {
    throw new TrainingError('empty-dataset', 'no samples to train on: x is empty');
  }
  const inputs = inputFeed('x', model, x, samples);
  const target = targetFeed(program, y, samples);
  const feeds: Feeds = { [INPUT.x]: inputs, [INPUT.y]: target };
  if (!program.loss.masksEqualPairs) return { samples, feeds };
  const pairIds = {
    [INPUT.xIds]: idFeed('ids.x', ids?.x, x, samples),
    [INPUT.yIds]: idFeed('ids.y', ids?.y, y, samples),
  };
  return { samples, feeds: { ...feeds, ...pairIds } };
}

/** Checked rows for a prediction. */
export function inputRows({ model }: Program, x: Inputs) {
  const samples = rowsOf('x', x, model.input);
  return { samples, feeds: { [INPUT.x]: inputFeed('x', model, x, samples) } satisfies Feeds };
}

/** One feed per parameter, as views of flat weights. */
export function weightFeeds(
  { model }: Program,
  weights: Float32Array,
  what = 'weights',
  nameOf: (i: number) => string = parameterName,
): Feeds {
  if (weights.length !== model.parameterCount) {
    throw new TrainingError(
      'shape-mismatch',
      `${what} has ${weights.length} elements; the model has ${model.parameterCount} parameters`,
    );
  }
  assertFinite(weights, what);
  const feeds = model.parameters.map(({ shape, offset, elements }, i) => [
    nameOf(i),
    float32Feed(weights.subarray(offset, offset + elements), shape),
  ]);
  return Object.fromEntries(feeds);
}

/** @throws TrainingError `shape-mismatch` when a batch would be partial and may not be */
export function checkBatches({ batch, takesPartialBatches }: Program, samples: number): void {
  if (takesPartialBatches || samples % batch === 0) return;
  throw new TrainingError(
    'shape-mismatch',
    `${samples} samples leave a batch of ${samples % batch}; the step takes ${batch}, without weights ` +
      'of samples: give a multiple, or export the step with sampleWeights',
  );
}

/** A curriculum's numbers, one per sample. */
export function checkedDifficulty(
  { curriculum }: Pick<TrainingTask, 'curriculum'>,
  samples: number,
): Float32Array | undefined {
  if (curriculum === undefined) return undefined;
  const { difficulty } = curriculum;
  if (difficulty.length !== samples) {
    throw new TrainingError(
      'shape-mismatch',
      `difficulty has ${difficulty.length} numbers for ${samples} samples`,
    );
  }
  assertFinite(difficulty, 'difficulty');
  return difficulty;
}

function inputFeed(what: string, model: Program['model'], x: Targets, samples: number): Feed {
  const dims = [samples, ...model.input];
  if (model.takes === 'reals') {
    if (!(x instanceof Float32Array)) {
      throw new TrainingError(
        'shape-mismatch',
        `${what} is no Float32Array; the model takes reals`,
      );
    }
    return float32Feed(x, dims);
  }
  if (!(x instanceof Int32Array)) {
    throw new TrainingError('shape-mismatch', `${what} is no Int32Array; the model takes ids`);
  }
  const limit = model.idLimit ?? model.parameters[0]?.shape[0] ?? 0;
  assertWithin(what, x, limit, 'rows of the embedding');
  return { type: 'int32', dims, data: x };
}

function targetFeed(
  { model, loss, targetShape: shape }: Program,
  y: Targets,
  samples: number,
): Feed {
  const rows = rowsOf('y', y, shape);
  if (rows !== samples) {
    throw new TrainingError(
      'shape-mismatch',
      `y has ${rows} samples of [${shape.join(' × ')}] for ${samples} of x [${model.input.join(' × ')}]`,
    );
  }
  if (loss.target === 'pairs') return inputFeed('y', model, y, samples);
  if (loss.target === 'values') {
    if (!(y instanceof Float32Array)) {
      throw new TrainingError('shape-mismatch', `y is no Float32Array; ${loss.name} takes values`);
    }
    return float32Feed(y, [samples, ...shape]);
  }
  if (y instanceof Float32Array) {
    throw new TrainingError('shape-mismatch', `y holds reals; ${loss.name} takes class numbers`);
  }
  assertWithin('y', y, model.output.at(-1) ?? 0, 'classes of the model');
  return int64Feed(BigInt64Array.from(y, BigInt), [samples, ...shape]);
}

function idFeed(what: string, ids: Int32Array | undefined, rows: Targets, samples: number): Feed {
  if (ids !== undefined && ids.length !== samples) {
    throw new TrainingError(
      'shape-mismatch',
      `${what} has ${ids.length} ids for ${samples} samples`,
    );
  }
  const data = ids === undefined ? contentIds(rows, samples) : BigInt64Array.from(ids, BigInt);
  return int64Feed(data, [samples]);
}

function rowsOf(what: string, values: Targets, shape: readonly number[]): number {
  const width = elementsOf(shape);
  const rows = values.length / width;
  if (!Number.isInteger(rows)) {
    throw new TrainingError(
      'shape-mismatch',
      `${what} has ${values.length} elements, not a multiple of ${width} for samples of [${shape.join(' × ')}]`,
    );
  }
  if (values.length > SAMPLE_ELEMENTS_MAX) {
    throw new TrainingError(
      'invalid-options',
      `${what} has more than ${SAMPLE_ELEMENTS_MAX} elements`,
    );
  }
  return rows;
}

function assertWithin(
  what: string,
  values: Int32Array | Uint8Array,
  limit: number,
  ofWhat: string,
): void {
  const at = values.findIndex((value) => value < 0 || value >= limit);
  if (at >= 0) {
    throw new TrainingError(
      'invalid-options',
      `${what}[${at}] is ${values[at]}; there are ${limit} ${ofWhat}, from 0`,
    );
  }
}
