import test from 'ava';
import { Pace } from './pace.ts';

const REPEAT_MS = 500;

function repeatsWithin(ms: number, isPressing: boolean, pace = newPace()): number[] {
  const times: number[] = [];
  pace.start(0, isPressing);
  for (let nowMs = 0; nowMs <= ms; nowMs += 100) {
    pace.start(nowMs, isPressing);
    if (pace.takeRepeat(nowMs, isPressing)) times.push(nowMs);
  }
  return times;
}

function newPace(): Pace {
  return new Pace({ viewMs: 1000, repeatMs: REPEAT_MS });
}

test('while somebody waits, repeats slow down to one in eight times the first', (t) => {
  t.deepEqual(repeatsWithin(16_000, true), [500, 1500, 3500, 7500, 11_500, 15_500]);
});

test('while nobody waits, repeats go on slowing down', (t) => {
  t.deepEqual(repeatsWithin(40_000, false), [500, 1500, 3500, 7500, 15_500, 31_500]);
});

test('who begins to wait is helped soon, and a new view begins anew', (t) => {
  const pace = newPace();
  repeatsWithin(16_000, false, pace);
  pace.start(16_000, true);
  t.is(pace.nextMs(), 16_500);
  pace.takeRepeat(16_500, true);
  t.is(pace.nextMs(), 17_500);
  pace.enterView(false);
  pace.start(17_000, true);
  t.is(pace.nextMs(), 17_500);
});
