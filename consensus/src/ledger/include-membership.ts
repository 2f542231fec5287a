// A change of members: administrators signed the roster, and a quorum of the old members decides the
// block, the last one of its epoch.

import { type Checked, checked, type MembershipEntry, refused } from '@starling/shared';
import type { ChainState } from './chain-state.ts';
import { type DigestOf, membershipAfter, type OpenedRoster } from './membership.ts';
import type { StateChange } from './state-change.ts';

/** The change that this roster makes, or why it is not included. */
export function includeMembership(
  { roster }: MembershipEntry,
  { membership }: Pick<ChainState, 'membership'>,
  {
    digestOf,
    openRoster,
  }: { digestOf: DigestOf; openRoster: (bytes: Uint8Array) => Checked<OpenedRoster> },
): Checked<StateChange> {
  const opened = openRoster(roster);
  if (!opened.ok) return opened;
  const { peers, seq } = opened.value;
  if (seq <= membership.rosterSeq) {
    return refused('stale-round', `roster ${seq}, the chain knows ${membership.rosterSeq}`);
  }
  if (peers.length === 0) return refused('wrong-shape', `roster ${seq} has no active peer`);
  if (!peers.every(({ member }, i) => member > (peers[i - 1]?.member ?? ''))) {
    return refused('wrong-shape', `the peers of roster ${seq} do not ascend`);
  }
  const isSame =
    peers.length === membership.members.length &&
    peers.every(({ member }) => membership.places.has(member));
  if (isSame) return refused('duplicate', `roster ${seq} has the same members`);
  return checked({ next: membershipAfter(membership, opened.value, digestOf) });
}
