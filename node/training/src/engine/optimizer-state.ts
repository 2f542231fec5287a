// What an optimiser remembers from step to step (velocities, moments), so that a later fit can go on
// with it instead of starting afresh.

import { assertFinite, TrainingError } from '../training-error.ts';
import { type Feeds, float32Feed } from './feeds.ts';
import type { Program } from './program.ts';
import { slotName } from './program-names.ts';

export interface OptimizerState {
  /** Name of the optimiser. */
  readonly optimizer: string;
  /** Steps it has made: the bias corrections of Adam go on from there. */
  readonly steps: number;
  /** Flat like the weights, one array per slot: the velocity; Adam's first and second moments. */
  readonly slots: readonly Float32Array[];
}

/**
 * The slots as feeds, zeros where a fit starts afresh.
 *
 * @throws TrainingError `invalid-options`, `shape-mismatch` or `non-finite-parameter` for the state of
 *   another program
 */
export function slotFeeds(program: Program, state: OptimizerState | undefined): Feeds {
  const { model, optimizer } = program;
  if (state !== undefined) checkState(program, state);
  const feeds = model.parameters.flatMap(({ shape, offset, elements }, i) =>
    Array.from({ length: optimizer.slots }, (_, k) => {
      const known = state?.slots[k]?.subarray(offset, offset + elements);
      return [slotName(i, k), float32Feed(known ?? new Float32Array(elements), shape)];
    }),
  );
  return Object.fromEntries(feeds);
}

/** What a run carried, after `steps` steps in all; `undefined` for an optimiser without slots. */
export function optimizerStateOf(
  { model, optimizer }: Program,
  carried: Feeds,
  steps: number,
): OptimizerState | undefined {
  if (optimizer.slots === 0) return undefined;
  const slots = Array.from({ length: optimizer.slots }, (_, k) => {
    const flat = new Float32Array(model.parameterCount);
    for (const [i, { offset }] of model.parameters.entries()) {
      flat.set(carried[slotName(i, k)]?.data as Float32Array, offset);
    }
    return flat;
  });
  return { optimizer: optimizer.name, steps, slots };
}

function checkState({ model, optimizer }: Program, state: OptimizerState): void {
  const { optimizer: name, steps, slots } = state;
  if (name !== optimizer.name) {
    const message = `optimizerState is that of ${name}; the program is compiled with ${optimizer.name}`;
    throw new TrainingError('invalid-options', message);
  }
  if (!Number.isSafeInteger(steps) || steps < 0) {
    const message = `optimizerState.steps is ${steps}: a whole number from 0 on`;
    throw new TrainingError('invalid-options', message);
  }
  const expected = `${optimizer.name} has ${optimizer.slots} slots of ${model.parameterCount} elements`;
  const lengths = slots.map(({ length }) => length);
  const isFitting = lengths.every((length) => length === model.parameterCount);
  if (slots.length !== optimizer.slots || !isFitting) {
    const message = `${expected}, optimizerState has [${lengths.join(', ')}]`;
    throw new TrainingError('shape-mismatch', message);
  }
  for (const [k, slot] of slots.entries()) assertFinite(slot, `optimizerState.slots[${k}]`);
}
