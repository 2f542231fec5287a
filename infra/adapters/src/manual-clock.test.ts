import test from 'ava';
import { ManualClock } from './manual-clock.ts';

test('timers run in the order of their instants, ties in the order they were set', async (t) => {
  const clock = new ManualClock(1000);
  const seen: string[] = [];
  const note = (name: string) => () => void seen.push(`${name}@${clock.nowMs()}`);
  clock.after(20, note('b'));
  clock.after(10, note('a'));
  clock.after(20, note('c'));
  const cancel = clock.after(15, note('never'));
  cancel();
  cancel();
  await clock.advance(19);
  t.deepEqual(seen, ['a@1010']);
  await clock.advance(1);
  t.deepEqual(seen, ['a@1010', 'b@1020', 'c@1020']);
  t.is(clock.pending, 0);
});

test('a timer set by a timer runs within the same advance when it falls due', async (t) => {
  const clock = new ManualClock();
  let ranAtMs = -1;
  clock.after(5, () => {
    clock.after(5, () => {
      ranAtMs = clock.monotonicMs();
    });
  });
  await clock.advance(10);
  t.is(ranAtMs, 10);
});

test('a slow periodic action is never run twice at once, and goes on afterwards', async (t) => {
  const clock = new ManualClock();
  const gates: Array<() => void> = [];
  const cancel = clock.every(10, () => new Promise<void>((resolve) => gates.push(resolve)));
  await clock.advance(35);
  t.is(gates.length, 1);
  gates[0]?.();
  await clock.advance(10);
  t.is(gates.length, 2);
  cancel();
  gates[1]?.();
  await clock.advance(100);
  t.is(gates.length, 2);
});

test('sleeping ends with the time or with the signal', async (t) => {
  const clock = new ManualClock();
  let isAwake = false;
  const sleeping = clock.sleep(50).then(() => {
    isAwake = true;
  });
  await clock.advance(49);
  t.false(isAwake);
  await clock.advance(1);
  await sleeping;
  const abort = new AbortController();
  const aborted = clock.sleep(50, abort.signal);
  abort.abort(new Error('enough'));
  await t.throwsAsync(aborted, { message: 'enough' });
  await t.throwsAsync(clock.sleep(50, abort.signal), { message: 'enough' });
  t.is(clock.pending, 0);
});

test('setting the wall clock back moves neither timers nor durations', async (t) => {
  const clock = new ManualClock(10_000);
  let ran = false;
  clock.after(5, () => {
    ran = true;
  });
  clock.shift(-4_000);
  t.is(clock.nowMs(), 6_000);
  t.is(clock.monotonicMs(), 0);
  await clock.advance(5);
  t.true(ran);
  t.is(clock.nowMs(), 6_005);
});
