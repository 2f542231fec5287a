// A setting that all members share: it changes when more than F of them and two thirds of all agree.

import {
  type Checked,
  checked,
  encodeCanonical,
  type MemberId,
  refused,
  type SettingEntry,
} from '@starling/shared';
import { type ChainState, kept, SETTINGS_MAX } from './chain-state.ts';
import { type DigestOf, type Membership, type Threshold, weightAt } from './membership.ts';
import type { StateChange } from './state-change.ts';

/** The change that this setting makes, or why it is not included. */
export function includeSetting(
  { approvals, proposal }: SettingEntry,
  state: ChainState,
  digestOf: DigestOf,
): Checked<StateChange> {
  const { author, base, collection, name, value } = proposal;
  if (collection !== state.collection) return refused('wrong-shape', `it is of ${collection}`);
  const digest = digestOf(encodeCanonical(proposal));
  const standing = state.settings.get(name)?.record;
  if (standing?.proposal === digest) return refused('duplicate', `${name} has this value`);
  const number = standing?.number ?? 0;
  if (base < number) return refused('conflict', `${name} was set ${number} times, not ${base}`);
  if (base > number) return refused('unknown-block', `${name} was set ${number} times only`);
  if (number === 0 && state.settings.size >= SETTINGS_MAX) {
    return refused('busy', `${SETTINGS_MAX} settings stand`);
  }
  if (!state.membership.places.has(author)) {
    return refused('unknown-sender', `${author} is no member`);
  }
  const objection = approvalObjection(
    approvals.map(({ member }) => member),
    state.membership,
  );
  if (objection !== undefined) return objection;
  const height = state.tip.height + 1;
  return checked({
    setting: kept({ height, name, number: number + 1, proposal: digest, value }, digestOf),
  });
}

function approvalObjection(
  members: readonly MemberId[],
  membership: Membership,
): Checked<never> | undefined {
  const places: number[] = [];
  for (const member of members) {
    const place = membership.places.get(member);
    if (place === undefined) return refused('unknown-sender', `${member} is no member`);
    if (place <= (places.at(-1) ?? -1)) return refused('wrong-shape', `${member} is out of order`);
    places.push(place);
  }
  const { members: all, votes, weight } = membership;
  const total = all.reduce((sum, each) => sum + each.weight, 0);
  if (!isEnough(places.length, all.length, votes)) {
    return refused('too-few', `${places.length} of ${all.length} agree`);
  }
  const agreed = weightAt(membership, places);
  if (isEnough(agreed, total, weight)) return undefined;
  return refused('too-few', `${agreed} of ${total} agree, by weight`);
}

function isEnough(agreed: number, all: number, { tolerated }: Threshold): boolean {
  return agreed > tolerated && 3 * agreed >= 2 * all;
}
