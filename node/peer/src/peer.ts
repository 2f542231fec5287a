// A site: its documents, their index, its search, and its part in the federation.

import { DurableReplayWindow, type ProvedChannels, payloadRef } from '@starling/crypto';
import { type RosterView, viewRoster } from '@starling/rules';
import { type Cancel, Sequence, tensorToBytes } from '@starling/shared';
import { initialParameters } from '@starling/training';
import { AppScores } from './app-scores.ts';
import { ChainBeginning } from './chain/chain-beginning.ts';
import { SiteChain } from './chain/site-chain.ts';
import { Collection, type Document } from './collection.ts';
import { KeptTrainings } from './commitments/kept-trainings.ts';
import { DEFAULT_PEER_OPTIONS, type PeerDependencies, type PeerOptions } from './dependencies.ts';
import { Evaluations } from './evaluations.ts';
import { FederationClient } from './federation-client.ts';
import { IndexGenerations } from './index-generations.ts';
import { SiteLedger } from './ledger/site-ledger.ts';
import { linkPatterns } from './link-patterns.ts';
import { SiteMembership } from './membership.ts';
import { MembershipUpkeep } from './membership-upkeep.ts';
import { ModelVersions } from './model-versions.ts';
import { SitePatterns } from './patterns/site-patterns.ts';
import { describePeer, type PeerStatus } from './peer-status.ts';
import { reportSite } from './report/report-site.ts';
import type { SiteReporter } from './report/site-reporter.ts';
import { siteChannels } from './site-channels.ts';
import { SiteRelay } from './site-relay.ts';
import { type SearchAnswer, SiteSearch } from './site-search.ts';
import { SiteVerification } from './site-verification.ts';
import { SpentMarks } from './spent-marks.ts';

export class Peer {
  readonly #world: PeerDependencies;
  readonly #options: PeerOptions;
  readonly #membership: SiteMembership;
  readonly #collection: Collection;
  readonly #versions: ModelVersions;
  readonly #generations: IndexGenerations;
  readonly #evaluations: Evaluations;
  readonly #client: FederationClient;
  readonly #scores: AppScores;
  readonly #relay: SiteRelay;
  readonly #upkeep: MembershipUpkeep;
  readonly #reporter: SiteReporter;
  /** Patterns, model versions and members as a quorum decided them. */
  readonly chain: SiteChain;
  readonly #channels: ProvedChannels;
  readonly #search: SiteSearch;
  /** What this site learned of its queries, and what it says of what others learned. */
  readonly patterns: SitePatterns;
  /** Its account and its orders. */
  readonly ledger: SiteLedger;
  /** Rounds and own updates computed again. */
  readonly verification: SiteVerification;
  readonly #stopping = new AbortController();
  #cancels: Cancel[] = [];
  #preparing: Promise<void> = Promise.resolve();
  /** Additions are made one after the other. */
  #adding: Promise<unknown> = Promise.resolve();

  private constructor(world: PeerDependencies, options: PeerOptions, parts: Parts) {
    this.#world = world;
    this.#options = options;
    this.#membership = parts.membership;
    this.#collection = parts.collection;
    this.#versions = parts.versions;
    this.#evaluations = parts.evaluations;
    this.#generations = parts.generations;
    this.patterns = parts.patterns;
    this.ledger = parts.ledger;
    this.verification = new SiteVerification(world, parts, this.#stopping.signal);
    const shape = parts.membership.genesis.task.encoder;
    this.#search = new SiteSearch(world, { ...parts, shape });
    const { task } = parts.membership.genesis;
    this.#scores = new AppScores(world, task, this.#stopping.signal);
    this.#client = new FederationClient(world, {
      ...parts,
      scores: this.#scores,
      policy: options.sessionPolicy,
    });
    this.#upkeep = new MembershipUpkeep(world, parts.membership, parts.sequence);
    this.chain = new SiteChain(world, parts, {
      repeatMs: options.republishMs,
      modelVersion: () => this.#versions.current.version,
      evaluate: world.evaluatePattern ?? ((id, pattern) => parts.patterns.attest(id, pattern)),
    });
    this.#relay = new SiteRelay(world, parts.membership, parts.replays);
    this.#channels = siteChannels(world, parts.membership, (peer) => {
      // What was published before a proof went nowhere.
      void this.#client.republish();
      if (peer === parts.membership.coordinator?.transportId) this.#reporter.beginAnew();
    });
    const reported = { ...parts, channels: this.#channels, client: this.#client };
    this.#reporter = reportSite(world, reported, options.report);
  }

  /**
   * Starts a site that has joined: goes on where its folder says, then indexes and registers in the
   * background.
   * @throws {PeerError} `not-a-member`
   */
  static async start(
    world: PeerDependencies,
    options: PeerOptions = DEFAULT_PEER_OPTIONS,
  ): Promise<Peer> {
    const sequence = await Sequence.open(world.clock, world.store);
    const replays = await DurableReplayWindow.open(world.store);
    const membership = await SiteMembership.load(world.store);
    const { encoder, seed } = membership.genesis.task;
    const collection = await Collection.open(world.store, encoder.buckets, seed);
    const versions = await ModelVersions.open(world, membership, sequence);
    const evaluations = await Evaluations.open(world, membership, collection);
    const ledger = await SiteLedger.open(world, membership);
    const spent = await SpentMarks.open(world.store);
    const kept = await KeptTrainings.open(world.store);
    const chain = await ChainBeginning.open(world.store);
    const generations = new IndexGenerations(world, collection, {
      shape: encoder,
      intervalMs: options.generationIntervalMs,
      recallTarget: options.indexRecallTarget,
    });
    const patterns = await SitePatterns.open(world, {
      chain,
      collection,
      generations,
      shape: encoder,
      seed,
      recallTarget: options.indexRecallTarget,
      options: options.patterns,
    });
    const read = { membership, collection, versions, evaluations };
    const more = { ledger, patterns, replays, sequence, spent };
    const parts = { ...read, ...more, chain, generations, kept };
    const peer = new Peer(world, options, parts);
    peer.#begin();
    return peer;
  }

  /** Where the coordinator was reachable when this site joined. */
  get coordinatorAddresses(): readonly string[] {
    return this.#membership.coordinatorAddresses;
  }

  /**
   * Adds documents; they are searchable at once and trained on in the next round.
   * @returns how many are new
   * @throws {PeerError} `invalid-document`, `limit-exceeded`
   */
  add(documents: readonly Omit<Document, 'id'>[]): Promise<number> {
    const added = this.#adding.then(async () => {
      const count = await this.#collection.add(documents);
      await this.#generations.insertNew();
      this.#prepare();
      return count;
    });
    this.#adding = added.catch(() => undefined);
    return added;
  }

  /**
   * The documents nearest to a text, nearest first.
   * @throws {PeerError} `not-ready` before the first generation, `limit-exceeded`
   */
  search(text: string, k: number): Promise<SearchAnswer[]> {
    return this.#search.search(text, k);
  }

  /** The round of the coordinator's newest status; 0 before the first. */
  get round(): number {
    return this.#client.control.status?.round ?? 0;
  }

  status(): PeerStatus {
    return describePeer(this.#world, {
      appScores: this.#scores.list,
      channels: this.#channels,
      client: this.#client,
      collection: this.#collection,
      evaluations: this.#evaluations.list(),
      generations: this.#generations,
      membership: this.#membership,
      model: this.#versions.current,
      patterns: this.patterns.status(),
      queries: this.#search.summary,
    });
  }

  /** The roster in force, as people read it. */
  roster(): RosterView {
    return viewRoster(this.#membership, this.#membership.opened, undefined);
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error('the site stops'));
    for (const cancel of this.#cancels.splice(0)) cancel();
    this.#relay.stop();
    await this.chain.stop();
    this.#channels.stop();
    await this.patterns.stop();
    // The client may be waiting for a generation that is being built.
    const ends = [this.#client, this.#generations, this.#upkeep, this.#reporter, this.ledger];
    await Promise.all(ends.map((part) => part.stop()));
    await this.#preparing.catch(() => undefined);
    await this.#world.trainer.stop();
  }

  #begin(): void {
    const { bus, clock } = this.#world;
    const { control } = this.#client;
    this.#channels.start();
    this.chain.start();
    this.#cancels = [
      linkPatterns(this.chain, this.patterns, this.#world.logger),
      this.#membership.onNews(() => this.#channels.followRoster()),
      bus.subscribe('control', (bytes) => control.onControlMessage(bytes)),
      bus.subscribe('site', (bytes) => this.#relay.onSiteMessage(bytes)),
      bus.subscribe('vote', (bytes) => this.#relay.onVoteMessage(bytes)),
      clock.every(this.#options.republishMs, () => this.#client.republish()),
      clock.every(this.#options.republishMs, () => this.#client.reconcile()),
      clock.every(this.#options.republishMs, () => this.#upkeep.run()),
      clock.every(this.#options.republishMs, () => this.ledger.run()),
      clock.every(this.#options.republishMs, () => this.#reporter.run()),
    ];
    this.#prepare();
  }

  /** Index, then baselines, then ready; what is done already is not done again. */
  #prepare(): void {
    this.#preparing = this.#preparing
      .then(() => this.#makeReady())
      .catch((error: unknown) => {
        if (this.#stopping.signal.aborted) return;
        const detail = error instanceof Error ? error.message : String(error);
        this.#world.logger.error('the site could not be made ready', { detail });
      });
  }

  async #makeReady(): Promise<void> {
    const { app } = this.#membership.genesis.task;
    if (app !== null) await this.#becomeReadyForApp();
    if (this.#client.ready || this.#collection.size === 0) return;
    if (this.#generations.active === undefined && !(await this.#generations.open())) {
      await this.#generations.ensure(this.#versions.current);
    }
    // Documents without a training pair are searched all the same; the site just does not train.
    if (this.#collection.split('train').targets.length === 0) return;
    const { baselines } = this.#options;
    if (baselines !== undefined && this.#versions.current.version === 0) {
      const start = this.#versions.current;
      await this.#evaluations.measureBaselines(start, baselines, this.#stopping.signal);
    }
    await this.#client.becomeReady();
    this.#client.reconcile();
  }

  /** An app reads data of its own; documents are searched in the base space meanwhile. */
  async #becomeReadyForApp(): Promise<void> {
    if (!this.#client.ready) {
      await this.#client.becomeReady();
      this.#client.reconcile();
    }
    if (this.#collection.size === 0 || this.#generations.active !== undefined) return;
    const { encoder, seed } = this.#membership.genesis.task;
    const parameters = initialParameters(encoder, seed);
    const ref = payloadRef(tensorToBytes(parameters));
    if (await this.#generations.open()) return;
    await this.#generations.ensure({ version: 0, ref, parameters, state: {} });
  }
}

interface Parts {
  readonly membership: SiteMembership;
  readonly collection: Collection;
  readonly versions: ModelVersions;
  readonly evaluations: Evaluations;
  readonly generations: IndexGenerations;
  readonly patterns: SitePatterns;
  readonly ledger: SiteLedger;
  readonly sequence: Sequence;
  readonly replays: DurableReplayWindow;
  readonly spent: SpentMarks;
  readonly chain: ChainBeginning;
  readonly kept: KeptTrainings;
}
