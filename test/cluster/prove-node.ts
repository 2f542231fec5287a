// Proves the connections of a node that does not run the product's code but holds a member's keys.

import { ProvedChannels } from '@starling/crypto';
import { decodeEvent, type FederationState, foldEvent } from '@starling/rules';
import type { NodeWorld } from './cluster-node.ts';
import type { MemoryCluster } from './memory-cluster.ts';

/** Admits everyone to everything once proved, by the roster in the coordinator's log. */
export function proveNode(
  cluster: MemoryCluster,
  world: NodeWorld,
  role: 'coordinator' | 'peer' = 'peer',
): ProvedChannels {
  let known: FederationState = cluster.replay();
  const newest = (): FederationState => {
    const stored = cluster.eventLog.snapshot().slice(known.head);
    for (const event of stored) known = foldEvent(known, decodeEvent(event));
    return known;
  };
  const channels = new ProvedChannels(world, {
    federation: cluster.federation,
    role,
    memberAt: (peer) => newest().roster.members.find(({ transportId }) => transportId === peer),
    rosterDigest: () => newest().rosterDigest,
    isOpenTo: () => false,
  });
  channels.start();
  return channels;
}
