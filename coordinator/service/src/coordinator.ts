// The coordinator: keeps time and accounts, drives the rules, acknowledges. It is not trusted with
// the result: every member recomputes each sum before it votes.

import { DurableReplayWindow, type ProvedChannels } from '@starling/crypto';
import {
  type FederationState,
  isOpen,
  type Presence,
  type RosterView,
  signingRequest,
  viewFederation,
} from '@starling/rules';
import { type Cancel, type Digest, type MemberId, Sequence } from '@starling/shared';
import { Announcer } from './announcer.ts';
import { ChainObserver } from './chain/chain-observer.ts';
import type { ChainView } from './chain/chain-view.ts';
import { ChainRelay } from './chain-relay.ts';
import { CoordinatorError } from './coordinator-error.ts';
import type { CoordinatorStatus } from './coordinator-status.ts';
import { Declines } from './declines.ts';
import {
  type CoordinatorDependencies,
  type CoordinatorOptions,
  type CoordinatorTurn,
  DEFAULT_COORDINATOR_OPTIONS,
} from './dependencies.ts';
import type { FederationLog } from './federation-log.ts';
import { Intake } from './intake.ts';
import { LedgerDesk } from './ledger/ledger-desk.ts';
import { MeasuredLinks } from './measured-links.ts';
import { memberChannels } from './member-channels.ts';
import { Membership } from './membership.ts';
import { ModelDesk } from './model-desk.ts';
import { openLog } from './open-log.ts';
import { PresenceTracker } from './presence.ts';
import { Pulls } from './pulls.ts';
import { RosterKeeper, type RosterOutcome } from './roster-keeper.ts';
import { RosterServer } from './roster-server.ts';
import { RoundDriver } from './round-driver.ts';
import { serveMembers } from './serve-members.ts';
import { SessionDriver } from './session-driver.ts';
import { SessionIntake } from './session-intake.ts';
import { SessionMail } from './session-mail.ts';
import { SiteReports } from './site-reports.ts';
import type { Snapshots } from './snapshots.ts';
import { StatusDesk } from './status-desk.ts';
import { takeOver } from './take-over.ts';
import { VersionServer } from './version-server.ts';

export class Coordinator {
  readonly #world: CoordinatorDependencies;
  readonly #options: CoordinatorOptions;
  readonly #log: FederationLog;
  readonly #snapshots: Snapshots | undefined;
  /** Versions: what they came to, pins, rollbacks. */
  readonly models: ModelDesk;
  readonly #keeper: RosterKeeper;
  readonly #membership: Membership;
  readonly #intake: Intake;
  readonly #sessions: SessionIntake;
  readonly #pulls: Pulls;
  readonly #stopping = new AbortController();
  readonly #driver: RoundDriver;
  readonly #announcer: Announcer;
  readonly #presence: PresenceTracker;
  readonly #channels: ProvedChannels;
  readonly #chain: ChainRelay;
  readonly #observer: ChainObserver;
  readonly #versions: VersionServer;
  readonly #rosters: RosterServer;
  /** Orders and rules of the token accounts. */
  readonly ledger: LedgerDesk;
  readonly desk: StatusDesk;
  #cancels: Cancel[] = [];
  #announcedHead = 0;
  #isStopped = false;

  private constructor(
    world: CoordinatorDependencies,
    options: CoordinatorOptions,
    { log, replays, sequence, snapshots }: Parts,
  ) {
    this.#snapshots = snapshots;
    this.#world = world;
    this.#options = options;
    this.#log = log;
    this.#keeper = new RosterKeeper(world, log, options.rosterLifeMs);
    this.#membership = new Membership(world, log, this.#keeper, sequence);
    const links = new MeasuredLinks(world, log);
    const pulls = new Pulls();
    const mail = new SessionMail(world, log);
    const { signal } = this.#stopping;
    const declines = new Declines(log);
    const onRecorded = () => this.#advance();
    const parts = { declines, links, mail, pulls, replays, signal, onRecorded };
    this.#sessions = new SessionIntake(world, log, parts);
    this.#intake = new Intake(world, log, { ...parts, sessions: this.#sessions });
    this.#pulls = pulls;
    this.#chain = new ChainRelay(world, log, replays, (said) => this.#observer.hear(said));
    const sessionDriver = new SessionDriver(world, log, options, mail);
    this.#driver = new RoundDriver(world, log, options, sessionDriver);
    this.#announcer = new Announcer(world, log, this.#driver, sequence);
    this.#channels = memberChannels(world, log, (peer) => this.desk.heard(peer));
    this.#observer = new ChainObserver(world, log, () => this.#channels.peers);
    this.#presence = new PresenceTracker(this.#channels, world.clock, log, { declines, links });
    this.#versions = new VersionServer(world, log, sequence);
    this.#rosters = new RosterServer(world, log, sequence);
    this.ledger = new LedgerDesk(world, log, () => this.#advance());
    const reports = new SiteReports(world, log);
    const told = { driver: this.#driver, presence: this.#presence, reports };
    this.desk = new StatusDesk(world, log, told);
    this.models = new ModelDesk(log, world.payloads, () => this.#advance());
  }

  /**
   * Replays the log and goes on where it ends; an open round continues with a fresh deadline.
   * @param turn where several coordinators share the log: what this one leads by
   * @throws {CoordinatorError} `no-federation`, `wrong-identity`, `superseded`
   * @throws {EventLogError} `conflict` when another appended meanwhile: start again
   */
  static async start(
    world: CoordinatorDependencies,
    options: CoordinatorOptions = DEFAULT_COORDINATOR_OPTIONS,
    turn?: CoordinatorTurn,
  ): Promise<Coordinator> {
    const { log, snapshots } = await openLog(world, options, turn?.known);
    if (log.state.genesis.coordinator.member !== world.identity.member) {
      throw new CoordinatorError(
        'wrong-identity',
        'this key did not found the federation in the log; use the key folder that did',
      );
    }
    const replays = await DurableReplayWindow.open(world.marks);
    if (turn !== undefined) await takeOver(log, turn.token);
    const sequence = await Sequence.open(world.clock, world.marks, turn?.formerUntilMs);
    const coordinator = new Coordinator(world, options, { log, replays, sequence, snapshots });
    await coordinator.#begin();
    return coordinator;
  }

  /** Aborted when another process wrote to the log: this coordinator says nothing new any more. */
  get fenced(): AbortSignal {
    return this.#log.fenced;
  }

  /** The fold of its log; read it, never write it. */
  get state(): FederationState {
    return this.#log.state;
  }

  /** Sets how many rounds are run in all; the first waits for `peersMin` ready sites. */
  async planRounds(rounds: number, peersMin: number): Promise<void> {
    const { stopping } = this.#options;
    await this.#log.transact((state) => {
      const { registry } = state;
      const isKnown =
        state.roundsPlanned === rounds &&
        state.peersMin === peersMin &&
        registry.stopped === null &&
        JSON.stringify(registry.stopping) === JSON.stringify(stopping);
      return isKnown ? [] : [{ type: 'run-planned', payload: { peersMin, rounds, stopping } }];
    });
    this.#advance();
  }

  /** A signed, single-use invitation. @throws {CoordinatorError} `invalid-site` */
  invite(site: string): Uint8Array {
    return this.#membership.invite(site);
  }

  /**
   * Takes a site or member out; its messages, connections and invitations are refused from then on.
   * @throws {CoordinatorError} `unknown-member`, `not-permitted`, `roster-full`
   */
  async revoke(siteOrMember: string, reason: string): Promise<RosterOutcome> {
    const outcome = await this.#keeper.revoke(siteOrMember, reason);
    await this.#step();
    return outcome;
  }

  /**
   * Counts an administrator's signature of the open proposal.
   * @throws {CoordinatorError} `no-proposal`, `not-permitted`, `bad-signature`
   */
  async signRoster(
    proposal: Digest,
    administrator: MemberId,
    signature: Uint8Array,
  ): Promise<RosterOutcome> {
    const outcome = await this.#keeper.sign(proposal, administrator, signature);
    await this.#step();
    return outcome;
  }

  /** The roster in force and the proposed one, as people read them. */
  roster(): RosterView {
    return viewFederation(this.#log.state);
  }

  /** The open proposal as a file for administrators; undefined when nothing is proposed. */
  rosterRequest(): Uint8Array | undefined {
    return signingRequest(this.#log.state);
  }

  status(): Promise<CoordinatorStatus> {
    return this.desk.status();
  }

  /** The members' chain as far as the coordinator follows it; null before it has opened. */
  observedChain(): ChainView | null {
    return this.#observer.view();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const cancel of this.#cancels.splice(0)) cancel();
    this.#channels.stop();
    this.#chain.stop();
    this.#stopping.abort(new Error('the coordinator stops'));
    await this.#observer.stop();
    await this.#pulls.settled();
    await this.#driver.stop();
    await this.#snapshots?.settled();
  }

  async #begin(): Promise<void> {
    const { bus, clock } = this.#world;
    const { round } = this.#log.state;
    if (round !== undefined && isOpen(round)) {
      const payload = { round: round.plan.round };
      await this.#log.transact(() => [{ type: 'round-resumed', payload }]);
    }
    this.#channels.start();
    this.#observer.start();
    this.#cancels = [
      ...serveMembers(bus, {
        chain: this.#chain,
        desk: this.desk,
        intake: this.#intake,
        ledger: this.ledger,
        membership: this.#membership,
        presence: this.#presence,
        rosters: this.#rosters,
        sessions: this.#sessions,
        versions: this.#versions,
      }),
      clock.every(this.#options.tickMs, () => this.#step()),
      clock.every(this.#options.republishMs, () => this.#announcer.repeat()),
    ];
  }

  /** After something was recorded: step at once and tell everyone. */
  #advance(): void {
    if (!this.#isStopped) void this.#step();
  }

  /** Takes the steps that are due; announces when the log has grown since the last announcement. */
  async #step(): Promise<void> {
    try {
      await this.#keeper.maintain();
      this.#channels.followRoster();
      await this.#driver.drive((): Presence => this.#presence.presence());
      this.desk.fault = undefined;
    } catch (error) {
      this.desk.fault = error instanceof Error ? error.message : String(error);
      this.#world.logger.error('step failed', { detail: this.desk.fault });
    }
    const { head } = this.#log.state;
    if (head === this.#announcedHead || this.#isStopped) return;
    this.#announcedHead = head;
    this.desk.tell();
    await this.#announcer.announce();
  }
}

interface Parts {
  readonly log: FederationLog;
  readonly replays: DurableReplayWindow;
  readonly sequence: Sequence;
  readonly snapshots: Snapshots | undefined;
}
