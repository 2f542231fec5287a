// The chain as the rest of the site uses it: what is decided, what waits, what this site says. Runs
// the driver beside everything else.

import type { ChainState } from '@starling/consensus';
import { digestOf, encodeBody } from '@starling/crypto';
import {
  type Cancel,
  CHAIN_PROTOCOL,
  CHAIN_REQUEST_BYTES_MAX,
  type Digest,
  type Pattern,
  patternProposal,
  settingProposal,
  type TransportId,
} from '@starling/shared';
import { PeerError } from '../peer-error.ts';
import { ChainCore, type ChainParts } from './chain-core.ts';
import { ChainDriver } from './chain-driver.ts';
import { ChainIntake } from './chain-intake.ts';
import { type ChainPattern, chainPatterns } from './chain-patterns.ts';
import { ChainServer } from './chain-server.ts';
import { type ChainSetting, chainSettings } from './chain-settings.ts';
import type { ChainDecision, SiteChainStatus } from './chain-status.ts';
import { type ChainOptions, ChainUpkeep } from './chain-upkeep.ts';
import type { ChainWorld } from './chain-world.ts';
import { assumptionsOf, describeDecision } from './describe-chain.ts';
import { type Evidence, EvidenceBook } from './evidence-book.ts';
import { intakeHost } from './intake-host.ts';

export class SiteChain {
  readonly #core: ChainCore;
  readonly #options: ChainOptions;
  readonly #driver: ChainDriver;
  readonly #intake: ChainIntake;
  readonly #server: ChainServer;
  readonly #evidence: EvidenceBook;
  readonly #upkeep: ChainUpkeep;
  readonly #listeners = new Set<() => void>();
  #cancels: Cancel[] = [];
  #met: ReadonlySet<TransportId> = new Set();
  #ticking: Promise<void> = Promise.resolve();

  constructor(world: ChainWorld, parts: ChainParts, options: ChainOptions) {
    const core = new ChainCore(world, parts);
    this.#core = core;
    this.#options = options;
    this.#driver = new ChainDriver(core, {
      onDecided: () => this.#decided(),
      onContradiction: (first, second) => void this.#evidence.take(first, second),
    });
    const host = intakeHost(core, this.#driver, {
      onContradiction: (first, second) => this.#evidence.take(first, second),
      onProposal: () => void this.tick(),
      onEntry: () => this.#upkeep.entryHeard(),
    });
    this.#evidence = new EvidenceBook({
      federation: core.federation,
      collection: core.collection,
      clock: world.clock,
      journal: core.journal,
      queue: core.queue,
      keyOf: host.keyOf,
      onNew: () => void this.#upkeep.tellEvidence(),
    });
    this.#intake = new ChainIntake(host);
    this.#upkeep = new ChainUpkeep(core, this.#driver, this.#evidence, options, (frame) =>
      this.#sayOwn(frame),
    );
    this.#server = new ChainServer({
      collection: core.collection,
      highest: core.highest,
      starts: core.starts,
      evidence: this.#evidence,
      beginning: () => parts.chain.known,
      decided: () => this.#driver.decided,
      run: () => this.#driver.run,
      chits: (groups) => this.#driver.polls.chits(groups),
    });
  }

  start(): void {
    const { bus, clock } = this.#core.world;
    const limits = { requestBytesMax: CHAIN_REQUEST_BYTES_MAX };
    this.#cancels = [
      bus.subscribe('consensus', (bytes) => this.#intake.onConsensusMessage(bytes)),
      bus.handle(CHAIN_PROTOCOL, (bytes) => this.#server.answer(bytes), limits),
      clock.every(this.#options.repeatMs, () => this.tick()),
      bus.onConnectionChange(() => this.#meet(bus.connected())),
    ];
    void this.tick();
  }

  async stop(): Promise<void> {
    for (const cancel of this.#cancels.splice(0)) cancel();
    this.#core.stopping.abort(new Error('the site stops'));
    this.#driver.stop();
    this.#core.queue.stop();
    await this.#ticking.catch(() => undefined);
  }

  /** Looks at everything once more; calls while it runs wait for their turn. */
  tick(): Promise<void> {
    this.#ticking = this.#ticking
      .then(() => this.#upkeep.look())
      .catch((error: unknown) => {
        if (this.#core.stopping.signal.aborted) return;
        const detail = error instanceof Error ? error.message : String(error);
        this.#core.world.logger.error('the chain was not looked at', { detail });
      });
    return this.#ticking;
  }

  /** Who comes may have missed what was said. */
  #meet(connected: readonly TransportId[]): void {
    if (connected.some((peer) => !this.#met.has(peer))) {
      this.#core.own.hurry();
      this.#driver.told.answer();
    }
    this.#met = new Set(connected);
  }

  status(): SiteChainStatus {
    const { collection, pool } = this.#core;
    const { decided, run, standing, detail } = this.#driver;
    const state = decided?.state;
    const members = state?.membership.members.map(({ member }) => member) ?? [];
    const engine = run?.status();
    return {
      collection,
      engine: run?.engine ?? this.#core.parts.chain.known?.body.rules.engine.kind ?? 'simplex',
      standing,
      detail,
      epoch: state?.epoch ?? 0,
      members,
      quorum: state?.membership.votes.quorum ?? 0,
      tolerance: state === undefined ? '' : assumptionsOf(members.length, state.rules.engine),
      height: state?.tip.height ?? 0,
      block: state?.tip.id ?? null,
      stateRoot: decided?.recent.at(-1)?.read.block.stateRoot ?? null,
      view: engine?.view ?? 0,
      leader: engine?.leader === undefined ? null : (members[engine.leader] ?? null),
      isUndecided: engine !== undefined && !engine.isIdle,
      pool: pool.sizes,
      poll: this.#driver.polls.summary,
      contradicted: [...this.#evidence.guilty].sort(),
    };
  }

  /** The newest decisions, oldest first. */
  decisions(): ChainDecision[] {
    const { decided } = this.#driver;
    return (decided?.recent ?? []).map((decision) =>
      describeDecision(decision, decided?.membersOf(decision.read.block.epoch) ?? []),
    );
  }

  /** Patterns in the chain and patterns that wait for it. */
  patterns(): ChainPattern[] {
    const { decided, run } = this.#driver;
    if (decided === undefined || run === undefined) return [];
    const tip = run.status().tip?.id;
    const newest = tip === undefined ? undefined : run.blocks.stateBehind(tip);
    return chainPatterns(this.#core.pool, decided.state, newest ?? decided.state);
  }

  /** Settings in force and settings that wait for the chain. */
  settings(): ChainSetting[] {
    const { state } = this;
    return state === undefined ? [] : chainSettings(this.#core.pool, state);
  }

  evidence(): readonly Evidence[] {
    return this.#evidence.all;
  }

  /** The state behind the last decided block; undefined before the chain has opened. */
  get state(): ChainState | undefined {
    return this.#driver.decided?.state;
  }

  /** Told after blocks were decided. */
  onDecided(listener: () => void): Cancel {
    const entry = (): void => listener();
    this.#listeners.add(entry);
    return () => void this.#listeners.delete(entry);
  }

  /**
   * Proposes a pattern to the members.
   * @returns the digest that names it
   * @throws {PeerError} `not-ready` before the chain has opened, `limit-exceeded`
   */
  async proposePattern(
    pattern: Pattern,
    {
      supersedes = [],
      parents = [],
    }: { supersedes?: readonly Digest[]; parents?: readonly Digest[] } = {},
  ): Promise<Digest> {
    const { tip } = this.#opened();
    const { member: author } = this.#core.world.identity;
    const links = { parents: [...parents].sort(), supersedes: [...supersedes].sort() };
    const body = { author, height: tip.height, pattern, ...links };
    const frame = await this.#core.own.proposePattern(body);
    await this.#sayOwn(frame);
    return digestOf(encodeBody(patternProposal, body));
  }

  /** Proposes a value for a setting that all members share. @throws as `proposePattern` */
  async proposeSetting(name: string, value: string): Promise<Digest> {
    const state = this.#opened();
    const { member: author } = this.#core.world.identity;
    const base = state.settings.get(name)?.record.number ?? 0;
    const { collection } = this.#core;
    const body = { author, base, collection, name, value };
    const frame = await this.#core.own.proposeSetting(body);
    await this.#sayOwn(frame);
    const id = digestOf(encodeBody(settingProposal, body));
    await this.approveSetting(id);
    return id;
  }

  /** Agrees with a setting that another member proposed. @throws as `proposePattern` */
  async approveSetting(proposal: Digest): Promise<void> {
    this.#opened();
    await this.#sayOwn(await this.#core.own.approve(this.#core.collection, proposal));
  }

  #opened(): ChainState {
    const { state } = this;
    if (state === undefined) throw new PeerError('not-ready', 'the chain has not opened yet');
    return state;
  }

  /** What this site says it also hears itself: it goes through the same checks as everyone's. */
  async #sayOwn(frame: Uint8Array): Promise<void> {
    await this.#intake.onConsensusMessage(frame);
    this.#driver.consider();
    await this.#core.mail.publish(frame);
  }

  #decided(): void {
    void this.#upkeep.settle();
    for (const listener of [...this.#listeners]) listener();
  }
}
