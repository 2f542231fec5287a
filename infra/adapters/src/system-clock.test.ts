import test from 'ava';
import { SystemClock } from './system-clock.ts';

test('timers fire once, periods again and again, cancelled ones not at all', async (t) => {
  const clock = new SystemClock();
  const startMs = clock.monotonicMs();
  let never = 0;
  clock.after(1, () => never++)();
  const ticks = Promise.withResolvers<void>();
  let count = 0;
  const cancel = clock.every(1, () => {
    if (++count === 3) ticks.resolve();
  });
  await ticks.promise;
  cancel();
  await clock.sleep(5);
  t.is(never, 0);
  t.true(clock.monotonicMs() >= startMs);
});

test('an aborted sleep rejects with the reason of its signal', async (t) => {
  const abort = new AbortController();
  const sleeping = new SystemClock({ unref: true }).sleep(60_000, abort.signal);
  abort.abort(new Error('enough'));
  await t.throwsAsync(sleeping, { message: 'enough' });
});

test('an offset moves the time of day, and no timer', (t) => {
  const ahead = new SystemClock({ offsetMs: 60_000 });
  const right = new SystemClock();
  t.true(ahead.nowMs() - right.nowMs() > 59_000);
  t.true(Math.abs(ahead.monotonicMs() - right.monotonicMs()) < 1_000);
});
