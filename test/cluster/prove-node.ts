// Proves the connections of a node that does not run the product's code but holds a member's keys.

import { ProvedChannels } from '@starling/crypto';
import type { FederationState } from '@starling/rules';
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
    if (known.head !== cluster.eventLog.snapshot().length) known = cluster.replay();
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
