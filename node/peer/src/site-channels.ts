// Which channels a site keeps: those of members of the roster in force, once proved. To the
// coordinator it may speak of joining before that: to a roster that lists this site under newer keys
// it is a stranger until it has asked.

import { ProvedChannels } from '@starling/crypto';
import { JOIN_PROTOCOL, type TransportId } from '@starling/shared';
import type { PeerDependencies } from './dependencies.ts';
import type { SiteMembership } from './membership.ts';

export function siteChannels(
  world: PeerDependencies,
  membership: SiteMembership,
  onProved: (peer: TransportId) => void,
): ProvedChannels {
  return new ProvedChannels(world, {
    federation: membership.federation,
    role: 'peer',
    memberAt: (peer) => membership.memberAt(peer),
    rosterDigest: () => membership.rosterDigest,
    isOpenTo: (peer, use) => use === JOIN_PROTOCOL && peer === membership.coordinator?.transportId,
    onProved,
  });
}
