// Stands between the nodes of a memory cluster and their buses: keeps every byte that was said,
// holds topics back, and hands bytes to a node's own gossip handlers to see the verdict.

import type { MemoryBus } from '@starling/adapters';
import type {
  GossipHandler,
  GossipTopic,
  MessageBus,
  TransportId,
  Verdict,
} from '@starling/shared';
import { passing } from './passing-bus.ts';

export class Wiretap {
  /** Everything published, requested and answered, once each. */
  readonly #heard = new Map<string, Uint8Array>();
  readonly #handlers = new Map<string, GossipHandler>();
  readonly #muted = new Set<string>();

  get heard(): readonly Uint8Array[] {
    return [...this.#heard.values()];
  }

  /** Holds back what a node publishes on a topic. */
  mute(node: TransportId, topic: GossipTopic): void {
    this.#muted.add(`${node} ${topic}`);
  }

  unmute(node: TransportId, topic: GossipTopic): void {
    this.#muted.delete(`${node} ${topic}`);
  }

  /** What a node's handler says to these bytes. */
  async deliver(node: TransportId, topic: GossipTopic, bytes: Uint8Array): Promise<Verdict> {
    const handler = this.#handlers.get(`${node} ${topic}`);
    if (handler === undefined) throw new Error(`${node} does not listen to ${topic}`);
    return handler(bytes, node);
  }

  readonly wrap = (bus: MemoryBus): MessageBus => {
    const note = (bytes: Uint8Array): Uint8Array => {
      this.#heard.set(Buffer.from(bytes).toString('latin1'), bytes);
      return bytes;
    };
    return {
      ...passing(bus),
      publish: async (topic, bytes) => {
        if (this.#muted.has(`${bus.self} ${topic}`)) return 0;
        return bus.publish(topic, note(bytes));
      },
      subscribe: (topic, handler) => {
        this.#handlers.set(`${bus.self} ${topic}`, handler);
        return bus.subscribe(topic, handler);
      },
      request: async (to, protocol, bytes, options) =>
        note(await bus.request(to, protocol, note(bytes), options)),
      handle: (protocol, handler, options) =>
        bus.handle(
          protocol,
          async (bytes, from, connection) => note(await handler(note(bytes), from, connection)),
          options,
        ),
    };
  };
}
