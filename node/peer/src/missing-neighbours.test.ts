import type { TransportId } from '@starling/shared';
import test from 'ava';
import { MissingNeighbours, SAY_AGAIN_MAX_MS, SAY_AGAIN_MS } from './missing-neighbours.ts';

const [SELF, NEAR, FAR] = ['self', 'near', 'far'] as unknown as TransportId[];

function site() {
  const world = { connected: [NEAR], nowMs: 0 };
  const bus = { self: SELF, connected: () => world.connected };
  const clock = { monotonicMs: () => world.nowMs };
  const peers = [SELF, NEAR, FAR].map((transportId) => ({ transportId }));
  const missing = new MissingNeighbours({ bus, clock } as never, { peers } as never);
  return { world, missing };
}

test('while a site is not connected, a call is due again and again, ever more seldom', (t) => {
  const { missing, world } = site();
  const calls: number[] = [];
  for (; world.nowMs < 300_000; world.nowMs += 1_000) {
    if (missing.isCallDue()) calls.push(world.nowMs);
  }
  t.is(calls[0], SAY_AGAIN_MS);
  const gaps = calls.slice(1).map((atMs, i) => atMs - (calls[i] ?? 0));
  t.true(gaps.every((gap, i) => gap >= (gaps[i - 1] ?? 0) && gap <= SAY_AGAIN_MAX_MS));
  t.is(gaps.at(-1), SAY_AGAIN_MAX_MS);
});

test('with all connected none is due, and the next loss begins anew', (t) => {
  const { missing, world } = site();
  missing.isCallDue();
  world.connected = [NEAR, FAR] as TransportId[];
  world.nowMs = 10 * SAY_AGAIN_MAX_MS;
  t.false(missing.isCallDue());
  world.connected = [NEAR] as TransportId[];
  t.false(missing.isCallDue());
  world.nowMs += SAY_AGAIN_MS;
  t.true(missing.isCallDue());
});
