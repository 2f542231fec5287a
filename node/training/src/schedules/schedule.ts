// Numbers that change while a fit goes on: learning rates, temperatures, margins. A schedule is a pure
// function of the step; `plateau` also sees the losses of the epochs before.

import assert from 'node:assert/strict';

export interface SchedulePoint {
  /** From 0. */
  readonly step: number;
  readonly steps: number;
  /** From 0. */
  readonly epoch: number;
  readonly stepsPerEpoch: number;
  /** Mean loss of every epoch that is over. */
  readonly epochLosses: readonly number[];
}

export interface Schedule {
  readonly name: string;
  /** Whether it looks at `epochLosses`: then a fit stops at each epoch's end to ask. */
  readonly isAdaptive: boolean;
  at(point: SchedulePoint): number;
}

/** A plain number is a constant schedule. */
export function scheduleOf(value: number | Schedule): Schedule {
  return typeof value === 'number' ? byStep('constant', () => value) : value;
}

/** `start` · `factor`^⌊epoch / everyEpochs⌋ */
export function stepDecay(
  start: number,
  options: { everyEpochs: number; factor: number },
): Schedule {
  const { everyEpochs, factor } = options;
  assert(everyEpochs >= 1 && factor > 0, 'everyEpochs >= 1 and factor > 0');
  return byStep('step', ({ epoch }) => start * factor ** Math.floor(epoch / everyEpochs));
}

/** From `start` to `end` along half a cosine (Loshchilov and Hutter 2017, formula 5). */
export function cosine(start: number, end = 0): Schedule {
  return byStep('cosine', (point) => {
    return end + ((start - end) * (1 + Math.cos(Math.PI * progress(point)))) / 2;
  });
}

export function linear(start: number, end: number): Schedule {
  return byStep('linear', (point) => start + (end - start) * progress(point));
}

/** From `start` to `end` by an equal factor at each step. */
export function exponential(start: number, end: number): Schedule {
  assert(start > 0 && end > 0, 'an exponential schedule joins positive numbers');
  return byStep('exponential', (point) => start * (end / start) ** progress(point));
}

/** Rises linearly over the first `steps` steps (Goyal et al. 2017), then follows `then`. */
export function warmUp(steps: number, then: number | Schedule): Schedule {
  const target = scheduleOf(then);
  assert(steps >= 1, 'a warm-up has at least one step');
  return {
    name: `warmUp+${target.name}`,
    isAdaptive: target.isAdaptive,
    at: (point) => target.at(point) * Math.min(1, (point.step + 1) / steps),
  };
}

/** `start`, times `factor` whenever `patience` epochs brought no loss better by `threshold`. */
export function plateau(
  start: number,
  options: { factor?: number; patience?: number; threshold?: number; min?: number } = {},
): Schedule {
  const { factor = 0.1, patience = 10, threshold = 1e-4, min = 0 } = options;
  assert(factor > 0 && factor < 1, `0 < factor < 1, but factor = ${factor}`);
  return {
    name: 'plateau',
    isAdaptive: true,
    at: ({ epochLosses }) => {
      let value = start;
      let best = Number.POSITIVE_INFINITY;
      let waited = 0;
      for (const loss of epochLosses) {
        const isBetter = loss < best * (1 - threshold);
        waited = isBetter ? 0 : waited + 1;
        if (isBetter) best = loss;
        if (waited > patience) {
          value = Math.max(min, value * factor);
          waited = 0;
        }
      }
      return value;
    },
  };
}

export interface CurriculumStage {
  /** Epochs it lasts; the last stage lasts to the end. */
  readonly epochs: number;
  readonly value: number | Schedule;
}

/**
 * Stages one after another (Bengio et al. 2009): within a stage a schedule runs from the stage's
 * beginning to its end.
 */
export function curriculum(stages: readonly CurriculumStage[]): Schedule {
  assert(stages.length > 0, 'a curriculum has at least one stage');
  const schedules = stages.map(({ epochs, value }) => ({ epochs, schedule: scheduleOf(value) }));
  return {
    name: 'curriculum',
    isAdaptive: schedules.some(({ schedule }) => schedule.isAdaptive),
    at: (point) => {
      let start = 0;
      for (const [i, { epochs, schedule }] of schedules.entries()) {
        const isLast = i === schedules.length - 1;
        if (point.epoch < start + epochs || isLast)
          return schedule.at(within(point, start, epochs));
        start += epochs;
      }
      throw new RangeError('unreachable: the last stage lasts to the end');
    },
  };
}

function within(point: SchedulePoint, startEpoch: number, epochs: number): SchedulePoint {
  const { stepsPerEpoch } = point;
  return {
    step: point.step - startEpoch * stepsPerEpoch,
    steps: epochs * stepsPerEpoch,
    epoch: point.epoch - startEpoch,
    stepsPerEpoch,
    epochLosses: point.epochLosses.slice(startEpoch),
  };
}

/** 0 at the first step, 1 at the last. */
function progress({ step, steps }: SchedulePoint): number {
  return steps <= 1 ? 0 : Math.min(1, step / (steps - 1));
}

function byStep(name: string, at: Schedule['at']): Schedule {
  return { name, isAdaptive: false, at };
}
