// Members with the state that tells connected, registered, configured and training apart.

import type { MemberStatus } from '@starling/coordinator';
import {
  activePeers,
  type FederationState,
  isAnswered,
  isOpen,
  type Presence,
} from '@starling/rules';
import type { MemberId } from '@starling/shared';
import type { MemberView, MeshView } from '../api-types.ts';

export function viewMember(
  member: MemberStatus,
  state: FederationState,
  presence: Presence,
): MemberView {
  return {
    ...member,
    lastContactMs: lastContactMs(member.member, presence),
    state: stateOf(member, state),
  };
}

/** The coordinator's own connections: what it knows of the mesh by itself. */
export function viewMesh(state: FederationState, presence: Presence): MeshView {
  const { coordinator, name } = state.genesis;
  const peers = activePeers(state.roster);
  const connected = peers.filter(({ member }) => !presence.awaySinceMs.has(member));
  return {
    links: connected.map(({ member }) => {
      return { from: coordinator.member, mesh: false, rttMs: null, to: member };
    }),
    nodes: [
      { kind: 'coordinator', member: coordinator.member, site: name },
      ...peers.map(({ member, site }) => ({ kind: 'site' as const, member, site })),
    ],
  };
}

function stateOf(member: MemberStatus, { round }: FederationState): MemberView['state'] {
  if (!member.connected) return 'offline';
  if (!member.registered) return 'connected';
  if (!member.ready) return 'registered';
  return round !== undefined && isTraining(round, member.member) ? 'training' : 'configured';
}

function isTraining(round: NonNullable<FederationState['round']>, member: MemberId): boolean {
  return (
    isOpen(round) &&
    round.phase === 'training' &&
    round.plan.cohort.includes(member) &&
    !isAnswered(round, member)
  );
}

function lastContactMs(member: MemberId, presence: Presence): number | null {
  const since = presence.awaySinceMs.get(member);
  if (since === undefined) return presence.nowMs;
  return since > presence.watchedSinceMs ? since : null;
}
