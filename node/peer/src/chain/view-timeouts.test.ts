import type { MessageBus } from '@starling/shared';
import test from 'ava';
import { VIEW_MS_MAX, viewTimeouts } from './view-timeouts.ts';

function busWith(rtts: readonly (number | undefined)[]): MessageBus {
  return { connections: () => rtts.map((rttMs) => ({ rttMs })) } as unknown as MessageBus;
}

test('a view waits a second on fast links, and where nothing was measured', (t) => {
  t.like(viewTimeouts(busWith([])), { viewMs: 1000, repeatMs: 500 });
  t.like(viewTimeouts(busWith([undefined, 2, 300])), { viewMs: 1000, repeatMs: 500 });
});

test('a view waits six times the one-way delay of all but the slowest twentieth', (t) => {
  const links = [...Array.from({ length: 19 }, (_, i) => 400 + 10 * i), 60_000];
  t.like(viewTimeouts(busWith(links)), { viewMs: 1740, repeatMs: 870 });
});

test('a view waits no longer than its limit, and hears of new links', (t) => {
  const rtts = [90_000];
  const timeouts = viewTimeouts(busWith(rtts));
  t.is(timeouts.viewMs, VIEW_MS_MAX);
  rtts[0] = 10;
  t.is(timeouts.viewMs, 1000);
});
