// What the coordinator tells operators of itself, gathered from whoever knows it.

import type { Cancel, TransportId } from '@starling/shared';
import {
  type CoordinatorStatus,
  describeCoordinator,
  describeHead,
  type StatusContext,
  type StatusHead,
} from './coordinator-status.ts';
import type { CoordinatorDependencies } from './dependencies.ts';
import type { FederationLog } from './federation-log.ts';
import { describeMembers, type MemberContext, type MemberStatus } from './member-status.ts';
import type { PresenceTracker } from './presence.ts';
import type { RoundDriver } from './round-driver.ts';
import type { SiteReports } from './site-reports.ts';

interface Told {
  readonly driver: RoundDriver;
  readonly presence: PresenceTracker;
  readonly reports: SiteReports;
}

export class StatusDesk {
  /** What the coordinator's last step threw, in words. */
  fault: string | undefined;
  readonly #listeners = new Set<() => void>();
  readonly #world: Pick<CoordinatorDependencies, 'bus' | 'identity'>;
  readonly #log: FederationLog;
  readonly #told: Told;

  constructor(
    world: Pick<CoordinatorDependencies, 'bus' | 'identity'>,
    log: FederationLog,
    told: Told,
  ) {
    this.#world = world;
    this.#log = log;
    this.#told = told;
  }

  async status(): Promise<CoordinatorStatus> {
    return describeCoordinator(this.#log.state, await this.#context());
  }

  /** The status without members and rounds. */
  async head(): Promise<StatusHead> {
    return describeHead(this.#log.state, await this.#context());
  }

  /** Number of the newest round; 0 before the first. */
  get round(): number {
    return this.#log.state.round?.plan.round ?? 0;
  }

  get members(): MemberStatus[] {
    return describeMembers(this.#log.state, this.#memberContext);
  }

  /** Calls `listener` when the log grew, somebody came or went, or a site reported. */
  watch(listener: () => void): Cancel {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Something changed. */
  tell(): void {
    this.#told.presence.presence();
    for (const listener of this.#listeners) listener();
  }

  /** A member proved a connection. */
  heard(peer: TransportId): void {
    this.#told.presence.heard(peer);
    this.tell();
  }

  async report(bytes: Uint8Array, from: TransportId): Promise<Uint8Array> {
    const answer = await this.#told.reports.answer(bytes, from);
    this.tell();
    return answer;
  }

  get #memberContext(): MemberContext {
    const { presence, reports } = this.#told;
    return {
      lastContactMs: (peer) => presence.lastContactMs(peer),
      presence: presence.presence(),
      reported: (member) => reports.of(member),
    };
  }

  async #context(): Promise<StatusContext> {
    const { driver } = this.#told;
    return {
      ...this.#memberContext,
      addresses: this.#world.bus.addresses(),
      coordinator: this.#world.identity.member,
      model: (await driver.currentModel()).root,
      waitingFor: this.fault === undefined ? driver.waitingFor : `fault: ${this.fault}`,
    };
  }
}
