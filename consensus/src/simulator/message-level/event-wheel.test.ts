import test from 'ava';
import fc from 'fast-check';
import { EventWheel, SLOTS_PER_MS } from './event-wheel.ts';

test('events come in the order of their time, and of their planning within one slot', (t) => {
  const delays = fc.array(fc.integer({ min: 0, max: 100_000 }), { maxLength: 200 });
  fc.assert(
    fc.property(delays, (list) => {
      const wheel = new EventWheel<number>();
      for (const [i, delay] of list.entries()) wheel.push(delay, i % 7, i);
      const popped: number[] = [];
      for (;;) {
        const event = wheel.pop(Number.MAX_SAFE_INTEGER / SLOTS_PER_MS / 2);
        if (event === undefined) break;
        t.is(wheel.nowMs, (list[event] ?? -1) / SLOTS_PER_MS);
        t.is(wheel.target, event % 7);
        popped.push(event);
      }
      const sorted = [...list.keys()].sort((a, b) => (list[a] ?? 0) - (list[b] ?? 0) || a - b);
      const near = sorted.filter((i) => (list[i] ?? 0) < 1 << 15);
      t.deepEqual(popped.slice(0, near.length), near);
      t.is(popped.length, list.length);
    }),
    { numRuns: 200 },
  );
});

test('no event comes after the time that was asked for, and a reset wheel is empty', (t) => {
  const wheel = new EventWheel<string>();
  wheel.push(10 * SLOTS_PER_MS, 0, 'early');
  wheel.push(20 * SLOTS_PER_MS, 0, 'late');
  t.is(wheel.pop(15), 'early');
  t.is(wheel.pop(15), undefined);
  wheel.reset();
  t.is(wheel.nowMs, 0);
  t.is(wheel.pop(1000), undefined);
});
