// What a replica is told once: members, weights, leaders, the decided block it starts on.

import type { BlockHeader } from './vote.ts';

export interface SimplexTimeouts {
  /** T0: how long a view waits for its leader; at least 6 × the p95 of a one-way delay. */
  readonly viewMs: number;
  /** How often votes and the best certificate are sent again while something is undecided. */
  readonly repeatMs: number;
}

export const SIMPLEX_TIMEOUTS: SimplexTimeouts = Object.freeze({ viewMs: 1000, repeatMs: 500 });

/** T0 grows by this factor per consecutive nullified view, up to `BACKOFF_STEPS_MAX` times. */
export const BACKOFF_FACTOR = 1.5;
export const BACKOFF_STEPS_MAX = 3;
/** A leader without a vote in this many views is skipped. */
export const INACTIVE_AFTER_VIEWS = 4;

export interface SimplexConfig {
  readonly members: number;
  /** By member; equal when absent. */
  readonly weights?: readonly number[];
  /** Our index; undefined for an observer, which follows and never votes. */
  readonly self: number | undefined;
  /** Seed of the leader permutation: the same for all members of the instance and epoch. */
  readonly leaderSeed: Uint8Array | number;
  /** The last decided block; the first view is the one after its view. */
  readonly root: BlockHeader;
  readonly timeouts?: SimplexTimeouts;
}

/** @throws {RangeError} when the caller's configuration names an impossible member, view or timeout. */
export function assertConfig({ members, self, root, timeouts }: SimplexConfig): void {
  if (!Number.isSafeInteger(members) || members < 1) {
    throw new RangeError(`an instance has at least one member, got ${members}`);
  }
  if (self !== undefined && !(Number.isSafeInteger(self) && self >= 0 && self < members)) {
    throw new RangeError(`own index ${self} violates 0 <= self < ${members}`);
  }
  if (!Number.isSafeInteger(root.view) || root.view < 0) {
    throw new RangeError(`root view ${root.view} violates 0 <= view`);
  }
  for (const [name, value] of Object.entries(timeouts ?? SIMPLEX_TIMEOUTS)) {
    if (!(value > 0)) throw new RangeError(`${name} = ${value} violates 0 < ${name}`);
  }
}
