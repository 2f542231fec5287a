// What a run at message level is told. Everything random follows from `seed`.

import type { Outage } from '../identified-peers.ts';

export const ADVERSARIES = [
  'silent',
  'equivocator',
  'splitter',
  'nuller',
  'conflicter',
  'outdated',
  'withholder',
  'twin',
  'mixed',
] as const;

/**
 * What Byzantine members do. `silent` nothing; `equivocator` proposes two blocks and votes for one
 * before each half of the others; `splitter` supports a view before one half and nullifies it before
 * the other; `nuller` nullifies every view; `conflicter` sends contradicting votes to everybody;
 * `outdated` votes and proposes for the past; `withholder` shows its block to a few; `twin` is one
 * key in two honest processes with one half each; `mixed` draws one of these per member and view.
 */
export type Adversary = (typeof ADVERSARIES)[number];

export interface MessageLevelSpec {
  readonly engine: 'simplex';
  readonly seed: number;
  readonly members: number;
  readonly weights?: readonly number[];
  /** Decisions that every honest member must reach. */
  readonly heights: number;
  /** Honest members that each propose something for the first height at the start. */
  readonly proposers: number;
  readonly adversary: Adversary;
  readonly byzantine: number;
  /** Log-normal one-way delay. */
  readonly delayMedianMs: number;
  readonly delaySigma: number;
  /** Share of messages that are lost. */
  readonly loss: number;
  /** Honest members whose messages take `slowFactor` as long, in both directions. */
  readonly slow: number;
  readonly slowFactor: number;
  /** Crashes of honest members, each with a restart from what was written down. */
  readonly crashes: number;
  /** Partitions in two that heal. */
  readonly partitions: number;
  /** Honest members that are gone from one time to another, in milliseconds. */
  readonly crash?: Outage | undefined;
  /** Members behind a cut from one time to another. */
  readonly partition?: Outage | undefined;
  /** Crashes and partitions that are drawn begin within this time. */
  readonly faultsWithinMs: number;
  /** A crash or a partition lasts at most this long. */
  readonly faultMsMax: number;
  /** How long a flush takes; what is not flushed at a crash is lost. */
  readonly flushMs: number;
  readonly viewMs: number;
  readonly repeatMs: number;
  /** Simulated time after which the run is given up. */
  readonly limitMs: number;
}

export const MESSAGE_LEVEL_DEFAULTS: MessageLevelSpec = Object.freeze({
  engine: 'simplex',
  seed: 0,
  members: 4,
  heights: 1,
  proposers: 3,
  adversary: 'silent',
  byzantine: 0,
  delayMedianMs: 60,
  delaySigma: 0.3,
  loss: 0,
  slow: 0,
  slowFactor: 10,
  crashes: 0,
  partitions: 0,
  faultsWithinMs: 3000,
  faultMsMax: 4000,
  flushMs: 0,
  viewMs: 1000,
  repeatMs: 500,
  limitMs: 600_000,
});

export const SIMULATED_MEMBERS_MAX = 1000;

/** @throws {RangeError} naming the inequality that the specification violates. */
export function assertMessageLevelSpec(spec: MessageLevelSpec): void {
  const { members, byzantine, proposers, heights, loss, slow } = spec;
  const rules: readonly (readonly [boolean, string])[] = [
    [members >= 1 && members <= SIMULATED_MEMBERS_MAX, `1 <= members <= ${SIMULATED_MEMBERS_MAX}`],
    [byzantine >= 0 && byzantine < members, '0 <= byzantine < members'],
    [proposers >= 1, '1 <= proposers'],
    [heights >= 1, '1 <= heights'],
    [loss >= 0 && loss < 1, '0 <= loss < 1'],
    [slow >= 0 && slow <= members - byzantine, '0 <= slow <= members - byzantine'],
    [spec.delayMedianMs > 0 && spec.delaySigma >= 0, '0 < delayMedianMs and 0 <= delaySigma'],
  ];
  for (const [holds, rule] of rules) {
    if (!holds) throw new RangeError(`the specification violates ${rule}`);
  }
}
