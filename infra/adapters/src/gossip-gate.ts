// Stands between gossipsub and the connections: it is told of a peer, and gets a peer's streams, only
// once that connection is admitted to gossip. What the other side sends meanwhile waits in the
// stream, so neither subscriptions nor messages are lost.

import type { GossipSubComponents } from '@chainsafe/libp2p-gossipsub';
import type { Connection } from '@libp2p/interface';
import { ADMIT_GOSSIP, type TransportId } from '@starling/shared';
import type { Admissions } from './admission.ts';

type Registrar = GossipSubComponents['registrar'];

/** libp2p's registrar as gossipsub gets to see it. */
export function gatedRegistrar(registrar: Registrar, admissions: Admissions): Registrar {
  const whenAdmitted = (connection: Connection): Promise<boolean> => {
    const peer = connection.remotePeer.toString() as TransportId;
    const ask = { peer, use: ADMIT_GOSSIP, connection: connection.id };
    return admissions.decided(ask, { isPatient: true });
  };
  return {
    getHandler: (protocol) => registrar.getHandler(protocol),
    getMiddleware: (protocol) => registrar.getMiddleware(protocol),
    getProtocols: () => registrar.getProtocols(),
    getTopologies: (protocol) => registrar.getTopologies(protocol),
    handle: (protocol, handler, options) =>
      registrar.handle(
        protocol,
        async (stream, connection) => {
          if (await whenAdmitted(connection)) await handler(stream, connection);
          else stream.abort(new Error('the connection closed before it was admitted to gossip'));
        },
        options,
      ),
    register: (protocol, topology, options) =>
      registrar.register(
        protocol,
        {
          ...topology,
          onConnect: async (peer, connection) => {
            if (await whenAdmitted(connection)) await topology.onConnect?.(peer, connection);
          },
        },
        options,
      ),
    unhandle: (protocol, options) => registrar.unhandle(protocol, options),
    unregister: (id) => registrar.unregister(id),
    unuse: (protocol) => registrar.unuse(protocol),
    use: (protocol, middleware) => registrar.use(protocol, middleware),
  };
}
