// Which channels the coordinator keeps: those of active members, once proved. Whoever is not revoked
// may connect and ask to join.

import { ProvedChannels } from '@starling/crypto';
import { ADMIT_CONNECTION, JOIN_PROTOCOL, type TransportId } from '@starling/shared';
import type { CoordinatorDependencies } from './dependencies.ts';
import type { FederationLog } from './federation-log.ts';

const OPEN_TO_ALL: ReadonlySet<string> = new Set([ADMIT_CONNECTION, JOIN_PROTOCOL]);

export function memberChannels(
  world: CoordinatorDependencies,
  log: FederationLog,
  onProved: (peer: TransportId) => void,
): ProvedChannels {
  return new ProvedChannels(world, {
    federation: log.state.federation,
    role: 'coordinator',
    memberAt: (peer) =>
      log.state.roster.members.find(
        ({ status, transportId }) => transportId === peer && status === 'active',
      ),
    rosterDigest: () => log.state.rosterDigest,
    isOpenTo: (peer, use) =>
      OPEN_TO_ALL.has(use) &&
      !log.state.roster.revoked.some(({ transportId }) => transportId === peer),
    onProved,
  });
}
