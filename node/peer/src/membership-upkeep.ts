// What a site does for its membership beside the rounds: it follows the chain of rosters, and binds
// its keys anew, before their binding ends or when they are to be replaced.

import { openMessage, sealMessage } from '@starling/crypto';
import type { Cancel, Sequence } from '@starling/shared';
import {
  BINDING_LIFE_MS,
  BusError,
  ROSTER_PROTOCOL,
  rosterRequest,
  rosterResponse,
} from '@starling/shared';
import type { PeerDependencies } from './dependencies.ts';
import type { SiteMembership } from './membership.ts';
import { areListed, askForKeys, type Keys } from './new-keys.ts';

const ROSTER_ANSWER_BYTES_MAX = 512 * 1024;
/** Administrators take their time: who waits for them does not ask every second. */
const ASK_AGAIN_MS = 10_000;

export class MembershipUpkeep {
  readonly #world: PeerDependencies;
  readonly #membership: SiteMembership;
  readonly #sequence: Sequence;
  readonly #stopping = new AbortController();
  readonly #cancel: Cancel;
  #running: Promise<void> | undefined;
  #areNextKeysInForce = false;
  #askedMs = Number.NEGATIVE_INFINITY;

  constructor(world: PeerDependencies, membership: SiteMembership, sequence: Sequence) {
    this.#world = world;
    this.#membership = membership;
    this.#sequence = sequence;
    this.#cancel = membership.onNews(() => this.run());
  }

  /** Does what is due; a call while it runs joins it. Never throws. */
  run(): void {
    this.#running ??= this.#upkeep().finally(() => {
      this.#running = undefined;
    });
  }

  async stop(): Promise<void> {
    this.#cancel();
    this.#stopping.abort(new Error('the site stops'));
    await this.#running;
  }

  async #upkeep(): Promise<void> {
    // Whoever told of news is not kept waiting.
    await Promise.resolve();
    try {
      while (this.#membership.isBehind && !this.#stopping.signal.aborted) await this.#follow();
      await this.#bindNextKeys();
      await this.#bindAgain();
    } catch (error) {
      if (this.#stopping.signal.aborted) return;
      const detail = error instanceof Error ? error.message : String(error);
      const { logger } = this.#world;
      if (error instanceof BusError)
        logger.debug('not possible now, will be tried again', { detail });
      else logger.error('membership upkeep failed', { detail });
    }
  }

  async #bindNextKeys(): Promise<void> {
    const { nextKeys } = this.#world;
    if (nextKeys === undefined || this.#areNextKeysInForce) return;
    const isInForce = areListed(nextKeys, this.#membership) || (await this.#ask(nextKeys));
    if (!isInForce) return;
    this.#areNextKeysInForce = true;
    this.#world.logger.info('new keys are in force', { member: nextKeys.identity.member });
    nextKeys.onInForce();
  }

  /** The same keys for another while; before half of it is over nobody is asked. */
  async #bindAgain(): Promise<void> {
    const { clock, identity, nextKeys } = this.#world;
    if (nextKeys !== undefined) return;
    const own = this.#membership.roster.members.find(({ member }) => member === identity.member);
    if (own === undefined || own.bindingUntilMs - clock.nowMs() > BINDING_LIFE_MS / 2) return;
    await this.#ask(this.#world);
  }

  async #ask(keys: Keys): Promise<boolean> {
    const nowMs = this.#world.clock.monotonicMs();
    if (nowMs - this.#askedMs < ASK_AGAIN_MS) return false;
    this.#askedMs = nowMs;
    const parts = { membership: this.#membership, sequence: this.#sequence };
    return askForKeys(this.#world, parts, keys, this.#stopping.signal);
  }

  /** Asks the coordinator for the roster after the one in force: a link may have ended long ago. */
  async #follow(): Promise<void> {
    const { bus, clock, identity, logger } = this.#world;
    const { coordinator, federation } = this.#membership;
    if (coordinator === undefined) return;
    const seq = this.#membership.roster.seq + 1;
    const content = { federation, body: { seq }, ...this.#sequence.stamp() };
    const request = sealMessage(identity, rosterRequest, content);
    const answer = await bus.request(coordinator.transportId, ROSTER_PROTOCOL, request, {
      answerBytesMax: ROSTER_ANSWER_BYTES_MAX,
      signal: this.#stopping.signal,
    });
    const response = openMessage(answer, rosterResponse, {
      federation,
      nowMs: clock.nowMs(),
      keyOf: (sender) => this.#membership.keyOf(sender, 'coordinator'),
    });
    const link = response.ok ? response.value.body.roster : null;
    const verdict = link && (await this.#membership.offer(link, clock.nowMs(), 'link'));
    if (verdict?.kind === 'accept' && this.#membership.roster.seq >= seq) return;
    const detail = verdict && verdict.kind !== 'accept' ? verdict.detail : 'no answer that counts';
    logger.warn('roster not followed', { seq, detail });
    this.#membership.giveUpCatchingUp();
  }
}
