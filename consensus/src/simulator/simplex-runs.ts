// The message level of certificates, asked for with the spec that all levels share.

import { runMessageLevel } from './message-level/run-message-level.ts';
import type { Adversary } from './message-level/spec.ts';
import type { RunEnding, SimulatedRun } from './run-outcome.ts';
import { corruptPeers, type SimulationSpec } from './spec.ts';
import type { Xoshiro128 } from './xoshiro.ts';

/** A run waits at least so long: views have timeouts of seconds. */
const PATIENCE_MS_MIN = 60_000;

/** One decision of a cluster per run. */
export function simplexRunner(spec: SimulationSpec): (random: Xoshiro128) => SimulatedRun {
  const { adversary, adversaryShare, crash, delayMs, loss, n, partition } = spec;
  return (random) => {
    const outcome = runMessageLevel({
      ...{ seed: random.next(), members: n, adversary: adversary as Adversary },
      ...{ byzantine: corruptPeers(n, adversaryShare), delayMedianMs: delayMs, loss },
      ...{ crash, partition, limitMs: patienceMs(spec) },
    });
    const times = outcome.decided.map(({ decisions }) => decisions.find(isFirst)?.atMs);
    const decided = times.filter((atMs) => atMs !== undefined);
    const ending: RunEnding = outcome.undecided.length > 0 ? 'undecided' : 'agreed';
    return {
      ending: outcome.violations.length > 0 ? 'conflict' : ending,
      first: decided.length === 0 ? null : Math.min(...decided),
      last: ending === 'agreed' ? Math.max(...decided) : outcome.simulatedMs,
      polls: 0,
      messages: outcome.messages,
      bytes: outcome.bytes,
      shares: [],
    };
  };
}

/** Simulated time after which a run is given up: its rounds as round trips, after all outages. */
export function patienceMs({ crash, delayMs, partition, roundsMax }: SimulationSpec): number {
  const outageMs = Math.max(crash?.until ?? 0, partition?.until ?? 0);
  return outageMs + Math.max(PATIENCE_MS_MIN, 2 * delayMs * roundsMax);
}

function isFirst({ height }: { readonly height: number }): boolean {
  return height === 1;
}
