// The gossip handlers of one bus. Several may listen to a topic; the strictest verdict counts.

import {
  type Cancel,
  type GossipHandler,
  type GossipTopic,
  refusal,
  type TransportId,
  type Verdict,
} from '@starling/shared';

export class TopicHandlers {
  readonly #handlers = new Map<GossipTopic, Set<GossipHandler>>();

  /** Adds a handler; `onFirst` runs before a topic's first one, `onLast` after its last left. */
  add(topic: GossipTopic, handler: GossipHandler, onFirst: () => void, onLast: () => void): Cancel {
    let set = this.#handlers.get(topic);
    if (set === undefined) {
      set = new Set();
      this.#handlers.set(topic, set);
      onFirst();
    }
    // A wrapper of its own, so that one function subscribed twice is cancelled once at a time.
    const entry: GossipHandler = (bytes, from) => handler(bytes, from);
    set.add(entry);
    return () => {
      if (!set.delete(entry) || set.size > 0) return;
      this.#handlers.delete(topic);
      onLast();
    };
  }

  has(topic: GossipTopic): boolean {
    return this.#handlers.has(topic);
  }

  /** The verdict of all handlers: reject before ignore before accept; a throw counts as ignore. */
  async judge(topic: GossipTopic, bytes: Uint8Array, from: TransportId): Promise<Verdict> {
    const set = this.#handlers.get(topic);
    if (set === undefined) return refusal('busy', `nobody listens to ${topic}`);
    const verdicts = await Promise.all([...set].map((handler) => ask(handler, bytes, from)));
    return (
      verdicts.find((verdict) => verdict.kind === 'reject') ??
      verdicts.find((verdict) => verdict.kind === 'ignore') ?? { kind: 'accept' }
    );
  }
}

async function ask(handler: GossipHandler, bytes: Uint8Array, from: TransportId): Promise<Verdict> {
  try {
    return await handler(bytes, from);
  } catch (error) {
    return refusal('busy', `the handler failed: ${String(error)}`);
  }
}
