// A memory bus as an object whose parts a test can replace.

import type { MemoryBus } from '@starling/adapters';
import type { MessageBus } from '@starling/shared';

export function passing(bus: MemoryBus): MessageBus {
  return {
    self: bus.self,
    addresses: () => bus.addresses(),
    connect: (address, signal) => bus.connect(address, signal),
    connected: () => bus.connected(),
    connections: () => bus.connections(),
    onConnectionChange: (listener) => bus.onConnectionChange(listener),
    meshPeers: () => bus.meshPeers(),
    publish: (topic, bytes) => bus.publish(topic, bytes),
    subscribe: (topic, handler) => bus.subscribe(topic, handler),
    request: (to, protocol, bytes, options) => bus.request(to, protocol, bytes, options),
    handle: (protocol, handler, options) => bus.handle(protocol, handler, options),
    admitOnly: (rule) => bus.admitOnly(rule),
    penalise: (peer, reason) => bus.penalise(peer, reason),
    stop: () => bus.stop(),
  };
}
