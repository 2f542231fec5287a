import test from 'ava';
import { EventWheel } from './event-wheel.ts';
import type { Message } from './message.ts';
import { Network } from './network.ts';
import { runMessageLevel } from './run-message-level.ts';
import { MESSAGE_LEVEL_DEFAULTS, type MessageLevelSpec } from './spec.ts';

const MESSAGE: Message = { kind: 'candidate', from: 0, body: 1 };

function networkOf(spec: Partial<MessageLevelSpec>) {
  const wheel = new EventWheel<Message>();
  const network = new Network({ ...MESSAGE_LEVEL_DEFAULTS, members: 2, ...spec }, wheel);
  return { network, arrivals: () => drain(wheel) };
}

function drain(wheel: EventWheel<Message>): number[] {
  const times: number[] = [];
  while (wheel.pop(1e9) !== undefined) times.push(wheel.nowMs);
  return times;
}

test('delays have the median that was asked for, and the spread', (t) => {
  const { network, arrivals } = networkOf({ delayMedianMs: 60, delaySigma: 0.5 });
  for (let i = 0; i < 20_000; i++) network.send(MESSAGE, 1);
  const times = arrivals();
  t.true(Math.abs((times[10_000] ?? 0) - 60) < 2);
  const p84 = times[Math.round(20_000 * 0.8413)] ?? 0;
  t.true(Math.abs(p84 / 60 - Math.exp(0.5)) < 0.06);
});

test('the share that was asked for is lost, and counted as sent', (t) => {
  const { network, arrivals } = networkOf({ loss: 0.1 });
  for (let i = 0; i < 20_000; i++) network.send(MESSAGE, 1);
  t.is(network.messages, 20_000);
  t.true(Math.abs(arrivals().length / 20_000 - 0.9) < 0.01);
});

test('nothing crosses a partition until it heals', (t) => {
  const { network, arrivals } = networkOf({});
  network.partition(Uint8Array.of(0, 1));
  network.send(MESSAGE, 1);
  network.partition(undefined);
  network.send(MESSAGE, 1);
  t.is(arrivals().length, 1);
});

test('slow members are slow in both directions', (t) => {
  const { network, arrivals } = networkOf({ delaySigma: 0 });
  network.slowDown([1], 10);
  network.send(MESSAGE, 1);
  t.deepEqual(arrivals(), [600]);
});

test('a specification that cannot be is refused by the inequality that it violates', (t) => {
  t.throws(() => runMessageLevel({ members: 4, byzantine: 4 }), { message: /byzantine < members/ });
  t.throws(() => runMessageLevel({ loss: 1 }), { message: /loss < 1/ });
  t.throws(() => runMessageLevel({ members: 1001 }), { message: /members <= 1000/ });
});
