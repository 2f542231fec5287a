// What the coordinator tells operators of itself, gathered from whoever knows it.

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

  /** @param fault what the coordinator's last step threw; undefined when it did not */
  async status(fault: unknown): Promise<CoordinatorStatus> {
    return describeCoordinator(this.#log.state, await this.#context(fault));
  }

  /** The status without members and rounds. */
  async head(fault: unknown): Promise<StatusHead> {
    return describeHead(this.#log.state, await this.#context(fault));
  }

  get members(): MemberStatus[] {
    return describeMembers(this.#log.state, this.#memberContext);
  }

  get #memberContext(): MemberContext {
    const { presence, reports } = this.#told;
    return {
      lastContactMs: (peer) => presence.lastContactMs(peer),
      presence: presence.presence(),
      reported: (member) => reports.of(member),
    };
  }

  async #context(fault: unknown): Promise<StatusContext> {
    const { driver } = this.#told;
    return {
      ...this.#memberContext,
      addresses: this.#world.bus.addresses(),
      coordinator: this.#world.identity.member,
      model: (await driver.currentModel()).root,
      waitingFor: fault === undefined ? driver.waitingFor : `fault: ${fault}`,
    };
  }
}
