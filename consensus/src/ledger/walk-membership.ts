// From the members of the chain-genesis to those of today (5.6): every epoch's last block is decided
// by a quorum of its members and names those of the next.

import {
  type CborValue,
  type Checked,
  checked,
  type Digest,
  encodeCanonical,
  refused,
} from '@starling/shared';
import type { ChainState } from './chain-state.ts';
import { type DecidedRun, type EpochMembers, finalRunObjection } from './final-run.ts';
import { includeMembership } from './include-membership.ts';
import type { BlockRules } from './inclusion.ts';
import type { Membership } from './membership.ts';

/** An epoch with the block that it stands on. */
export interface EpochStart extends EpochMembers {
  /** The block that ended the epoch before; the chain-genesis for the first. */
  readonly root: Digest;
  readonly height: number;
}

/** Where a state's own epoch began; only on a state of which nothing is decided in that epoch. */
export function epochStartOf({ collection, epoch, membership, tip }: ChainState): EpochStart {
  return { collection, epoch, height: tip.height, membership, root: tip.id };
}

/**
 * Follows the changes of members, one per step: runs whose first block ended its epoch.
 * Returns all epochs from `from` on, or why a step does not follow from the one before.
 */
export function walkMembership(
  from: EpochStart,
  steps: readonly DecidedRun[],
  rules: BlockRules,
): Checked<readonly EpochStart[]> {
  const walked: EpochStart[] = [from];
  let current = from;
  for (const step of steps) {
    const next = epochAfter(current, step, rules);
    if (!next.ok) return next;
    current = next.value;
    walked.push(current);
  }
  return checked(walked);
}

/** The members of several epochs by their digests, as a snapshot names them. */
export function membershipsOf(epochs: readonly EpochStart[]): ReadonlyMap<Digest, Membership> {
  return new Map(epochs.map(({ membership }) => [membership.digest, membership]));
}

function epochAfter(current: EpochStart, run: DecidedRun, rules: BlockRules): Checked<EpochStart> {
  const objection = finalRunObjection(run, current, rules);
  if (objection !== undefined) return { ok: false, refusal: objection };
  const [ending] = run.blocks;
  const last = ending?.entries.at(-1);
  if (ending === undefined || last?.kind !== 'membership') {
    return refused('wrong-shape', `the first block does not end epoch ${current.epoch}`);
  }
  if (ending.height <= current.height) {
    return refused('wrong-height', `height ${ending.height} in an epoch from ${current.height} on`);
  }
  const change = includeMembership(last, current, rules);
  if (!change.ok) return change;
  const membership = change.value.next;
  if (membership === undefined) return refused('wrong-shape', 'the members do not change');
  return checked({
    collection: current.collection,
    epoch: current.epoch + 1,
    height: ending.height,
    membership,
    root: rules.digestOf(encodeCanonical(ending as CborValue)),
  });
}
