// Sites pass on what other sites say to the coordinator, once it is verified, and meet each other
// through it: a registration tells where a neighbour listens.

import { type DurableReplayWindow, openMessage } from '@starling/crypto';
import type { MessageDefinition, Opened, Registration, Verdict } from '@starling/shared';
import {
  ACCEPT,
  evaluation,
  maskedInput,
  modelUpdate,
  modelVote,
  refusal,
  registration,
  survivors,
  versionEvaluation,
  withdrawal,
} from '@starling/shared';
import type { PeerDependencies } from './dependencies.ts';
import type { SiteMembership } from './membership.ts';

/** How long a neighbour that did not answer is left alone. */
const DIAL_AGAIN_MS = 10_000;
const DIAL_TIMEOUT_MS = 5_000;

const SITE_MESSAGES = [
  registration,
  modelUpdate,
  evaluation,
  versionEvaluation,
  maskedInput,
  withdrawal,
];

export class SiteRelay {
  readonly #world: PeerDependencies;
  readonly #membership: SiteMembership;
  readonly #replays: DurableReplayWindow;
  readonly #dialledMs = new Map<string, number>();
  readonly #stopping = new AbortController();

  constructor(world: PeerDependencies, membership: SiteMembership, replays: DurableReplayWindow) {
    this.#world = world;
    this.#membership = membership;
    this.#replays = replays;
  }

  /** Handler of the topic `site`. */
  onSiteMessage(bytes: Uint8Array): Promise<Verdict> {
    return this.#judge(bytes, SITE_MESSAGES, 'site');
  }

  /** Handler of the topic `vote`. */
  onVoteMessage(bytes: Uint8Array): Promise<Verdict> {
    return this.#judge(bytes, [modelVote, survivors], 'vote');
  }

  stop(): void {
    this.#stopping.abort(new Error('the site stops'));
  }

  async #judge(
    bytes: Uint8Array,
    allowed: readonly MessageDefinition<unknown>[],
    topic: string,
  ): Promise<Verdict> {
    const opened = openMessage(bytes, allowed, {
      federation: this.#membership.federation,
      nowMs: this.#world.clock.nowMs(),
      keyOf: (sender) => this.#membership.keyOf(sender, 'peer'),
    });
    const verdict = opened.ok ? await this.#take(opened.value) : opened.refusal;
    const outcome = verdict.kind === 'accept' ? 'accepted' : verdict.reason;
    this.#world.meter.count('starling_peer_messages_total', 1, { outcome, topic });
    return verdict;
  }

  async #take(message: Opened<unknown>): Promise<Verdict> {
    if (message.seq !== undefined) {
      const seen = await this.#replays.check(message.sender, message.seq);
      if (seen !== 'fresh') return refusal(seen, 'this message was seen before');
    }
    if (message.type === registration.type) {
      const { addresses } = message.body as Registration;
      void this.#meet(message.sender, addresses);
    }
    return ACCEPT;
  }

  /** Of two sites, the one with the smaller peer id dials. */
  async #meet(member: string, addresses: readonly string[]): Promise<void> {
    const { bus, clock, logger } = this.#world;
    const neighbour = this.#membership.peers.find((peer) => peer.member === member);
    if (neighbour === undefined || neighbour.transportId <= bus.self) return;
    const { transportId } = neighbour;
    if (bus.connected().includes(transportId)) return;
    const lastMs = this.#dialledMs.get(member) ?? Number.NEGATIVE_INFINITY;
    if (clock.monotonicMs() - lastMs < DIAL_AGAIN_MS) return;
    this.#dialledMs.set(member, clock.monotonicMs());
    // Nobody makes us dial a stranger by registering its address.
    for (const address of addresses.filter((own) => own.endsWith(`/p2p/${transportId}`))) {
      const limit = new AbortController();
      const cancel = clock.after(DIAL_TIMEOUT_MS, () => limit.abort(new Error('dial timeout')));
      try {
        await bus.connect(address, AbortSignal.any([limit.signal, this.#stopping.signal]));
        return;
      } catch (error) {
        const detail = error instanceof Error ? error.message : String(error);
        logger.debug('neighbour not reached', { site: neighbour.site, address, detail });
      } finally {
        cancel();
      }
    }
  }
}
