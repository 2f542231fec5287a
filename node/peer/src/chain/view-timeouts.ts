// How long a view waits for its leader on the links and machines that are there: six times the p95 of
// a one-way delay, measured anew for each view.

import { SIMPLEX_TIMEOUTS, type SimplexTimeouts } from '@starling/consensus';
import type { MessageBus } from '@starling/shared';

/** A view waits no longer for slow links; the engine's own back-off comes on top. */
export const VIEW_MS_MAX = 20_000;
const ONE_WAYS = 6;
const SHARE = 0.95;

/** Reads the bus whenever the engine asks; half of a round trip is one way. */
export function viewTimeouts(bus: MessageBus): SimplexTimeouts {
  const viewMs = (): number => {
    const rtts = bus.connections().flatMap(({ rttMs }) => rttMs ?? []);
    rtts.sort((a, b) => a - b);
    const rttMs = rtts[Math.ceil(rtts.length * SHARE) - 1] ?? 0;
    return Math.min(Math.max(SIMPLEX_TIMEOUTS.viewMs, (ONE_WAYS * rttMs) / 2), VIEW_MS_MAX);
  };
  return {
    get viewMs() {
      return viewMs();
    },
    get repeatMs() {
      return (viewMs() * SIMPLEX_TIMEOUTS.repeatMs) / SIMPLEX_TIMEOUTS.viewMs;
    },
  };
}
