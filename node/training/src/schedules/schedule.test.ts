import test from 'ava';
import {
  cosine,
  curriculum,
  exponential,
  linear,
  plateau,
  type Schedule,
  scheduleOf,
  stepDecay,
  warmUp,
} from './schedule.ts';

const STEPS_PER_EPOCH = 2;

function values(schedule: Schedule, epochs: number, epochLosses: readonly number[] = []): number[] {
  const steps = epochs * STEPS_PER_EPOCH;
  return Array.from({ length: steps }, (_, step) => {
    const epoch = Math.floor(step / STEPS_PER_EPOCH);
    const losses = epochLosses.slice(0, epoch);
    const point = { step, steps, epoch, stepsPerEpoch: STEPS_PER_EPOCH, epochLosses: losses };
    return Math.round(schedule.at(point) * 1e6) / 1e6;
  });
}

test('a number is a schedule that stays', (t) => {
  t.deepEqual(values(scheduleOf(0.1), 2), [0.1, 0.1, 0.1, 0.1]);
});

test('a step schedule falls by its factor every so many epochs', (t) => {
  t.deepEqual(
    values(stepDecay(1, { everyEpochs: 1, factor: 0.5 }), 3),
    [1, 1, 0.5, 0.5, 0.25, 0.25],
  );
});

test('cosine, linear and exponential run from start to end', (t) => {
  t.deepEqual(values(cosine(1, 0), 2), [1, 0.75, 0.25, 0]);
  t.deepEqual(values(linear(1, 0.1), 2), [1, 0.7, 0.4, 0.1]);
  t.deepEqual(values(exponential(1, 0.125), 2), [1, 0.5, 0.25, 0.125]);
});

test('a warm-up rises to the schedule behind it', (t) => {
  t.deepEqual(values(warmUp(3, 0.3), 2), [0.1, 0.2, 0.3, 0.3]);
});

test('a plateau lowers the rate after epochs without a better loss, not below its least', (t) => {
  const schedule = plateau(1, { factor: 0.1, patience: 1, min: 0.05 });
  t.true(schedule.isAdaptive);
  const losses = [5, 4, 4, 4, 4, 4, 4];
  const perEpoch = values(schedule, 8, losses).filter((_, i) => i % STEPS_PER_EPOCH === 0);
  t.deepEqual(perEpoch, [1, 1, 1, 1, 0.1, 0.1, 0.05, 0.05]);
});

test('a curriculum runs its stages one after another and stays in the last', (t) => {
  const schedule = curriculum([
    { epochs: 1, value: 1 },
    { epochs: 2, value: linear(0.9, 0.6) },
    { epochs: 1, value: 0.5 },
  ]);
  t.deepEqual(values(schedule, 5), [1, 1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.5, 0.5, 0.5]);
});
