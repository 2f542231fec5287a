// The numbers of each step: learning rate, the optimiser's own, the loss's temperature or margin.

import { type Schedule, type SchedulePoint, scheduleOf } from '../schedules/schedule.ts';
import { TrainingError } from '../training-error.ts';
import { type Feeds, float32Feed } from './feeds.ts';
import type { Program } from './program.ts';
import { INPUT } from './program-names.ts';
import type { TrainingSettings, TrainingTask } from './training-task.ts';

type ScheduledTask = TrainingSettings & Pick<TrainingTask, 'curriculum'>;

export class StepScalars {
  /** Whether a schedule wants to see the losses of each epoch. */
  readonly isAdaptive: boolean;
  readonly #program: Program;
  readonly #schedules: ReadonlyMap<string, Schedule>;
  readonly #share: Schedule | undefined;
  readonly #steps: number;
  readonly #stepsPerEpoch: number;
  /** Steps that the optimiser made in earlier fits. */
  readonly #before: number;

  /** `stepsPerEpoch` is infinite where nobody knows it: then numbers may not change. */
  constructor(program: Program, task: ScheduledTask, stepsPerEpoch: number) {
    const named = program.lossScalars.map((name) => {
      return [name, scheduleOf(task[name] ?? program.loss.scalars[name] ?? Number.NaN)] as const;
    });
    const rate = [INPUT.learningRate, scheduleOf(task.learningRate)] as const;
    this.#program = program;
    this.#schedules = new Map<string, Schedule>([rate, ...named]);
    this.#share = task.curriculum && scheduleOf(task.curriculum.share);
    this.#stepsPerEpoch = stepsPerEpoch;
    this.#before = task.optimizerState?.steps ?? 0;
    this.#steps = task.epochs * stepsPerEpoch;
    const all = [...this.#schedules.values(), ...(this.#share ? [this.#share] : [])];
    this.isAdaptive = all.some((schedule) => schedule.isAdaptive);
    if (Number.isFinite(stepsPerEpoch)) return;
    const changing = [...this.#schedules].find(([, { name }]) => name !== 'constant');
    if (changing === undefined) return;
    throw new TrainingError(
      'invalid-options',
      `${changing[0]} follows the schedule ${changing[1].name}, which needs the length of an epoch: ` +
        'say how many samples the stream has with examples',
    );
  }

  /** The share of the samples that each of some epochs draws from; none without a curriculum. */
  shares(firstEpoch: number, epochs: number, epochLosses: readonly number[]): number[] {
    const share = this.#share;
    if (share === undefined) return [];
    return Array.from({ length: epochs }, (_, i) => {
      const step = (firstEpoch + i) * this.#stepsPerEpoch;
      return checked('share', share, this.#point(step, epochLosses));
    });
  }

  /** Inputs for `steps` steps from `first` on, counted from 0. */
  feeds(first: number, steps: number, epochLosses: readonly number[]): Feeds {
    const { optimizer } = this.#program;
    const names = [...this.#schedules.keys(), ...optimizer.scalarNames];
    const columns = new Map(names.map((name) => [name, new Float32Array(steps)]));
    for (let i = 0; i < steps; i++) {
      const point = this.#point(first + i, epochLosses);
      let learningRate = 0;
      for (const [name, schedule] of this.#schedules) {
        const value = checked(name, schedule, point);
        if (name === INPUT.learningRate) learningRate = value;
        set(columns, name, i, value);
      }
      const own = optimizer.scalarsAt(this.#before + first + i + 1, learningRate);
      for (const name of optimizer.scalarNames) set(columns, name, i, own[name] ?? Number.NaN);
    }
    const feeds = [...columns].map(([name, values]) => [name, float32Feed(values, [steps])]);
    return Object.fromEntries(feeds);
  }

  #point(step: number, epochLosses: readonly number[]): SchedulePoint {
    const epoch = Math.floor(step / this.#stepsPerEpoch);
    return { step, steps: this.#steps, epoch, stepsPerEpoch: this.#stepsPerEpoch, epochLosses };
  }
}

function checked(name: string, schedule: Schedule, point: SchedulePoint): number {
  const value = schedule.at(point);
  const [rule, isFine] =
    name === 'temperature'
      ? ['temperature > 0', value > 0]
      : name === 'share'
        ? ['0 < share <= 1', value > 0 && value <= 1]
        : [`${name} >= 0`, value >= 0];
  if (!isFine || !Number.isFinite(value)) {
    throw new TrainingError(
      'invalid-options',
      `${rule}, but the schedule ${schedule.name} gives ${value} at step ${point.step}`,
    );
  }
  return value;
}

function set(columns: ReadonlyMap<string, Float32Array>, name: string, i: number, value: number) {
  const column = columns.get(name);
  if (column !== undefined) column[i] = value;
}
