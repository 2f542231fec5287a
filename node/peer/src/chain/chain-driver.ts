// The chain's epochs at one site: starts the engine where the decided blocks end, hands it what this
// site wants decided, and moves on when an epoch has ended.

import { buildBlock, type CastStatement, type ChainState } from '@starling/consensus';
import { domainHash, sealMessage } from '@starling/crypto';
import { encodeBlock, type ReadBlock } from '@starling/rules';
import {
  type ChainCertificate,
  type ChainRequest,
  chainBlock,
  type MemberId,
} from '@starling/shared';
import { CandidatePolls } from './candidate-polls.ts';
import type { EpochTerms } from './chain-codec.ts';
import type { ChainCore } from './chain-core.ts';
import { ChainDemand } from './chain-demand.ts';
import { ChainFetch } from './chain-fetch.ts';
import type { ChainRun } from './chain-run.ts';
import type { ChainStanding } from './chain-status.ts';
import type { DecidedChain } from './decided-chain.ts';
import { decisionsOf } from './decisions.ts';
import { fallbackOf, startEngine } from './engine-run.ts';
import type { DecidedBlocks, EpochHost, ProposalTerms } from './epoch-host.ts';
import { readEpoch } from './epoch-journal.ts';
import { OwnHistory } from './own-history.ts';
import { OwnStatus, type Position } from './own-status.ts';
import { readSnow, SnowJournal } from './snow-journal.ts';

export interface DriverHooks {
  /** After blocks were decided, or followed. */
  onDecided(): void;
  onContradiction(first: Uint8Array, second: Uint8Array): void;
}

export class ChainDriver implements EpochHost {
  readonly #core: ChainCore;
  readonly #hooks: DriverHooks;
  readonly fetch: ChainFetch;
  readonly polls: CandidatePolls;
  readonly told: OwnStatus;
  #decided: DecidedChain | undefined;
  #run: ChainRun | undefined;
  readonly #demand: ChainDemand;
  readonly #history: OwnHistory;
  #standing: ChainStanding = 'waiting';
  #starts = 0;
  #detail = '';

  constructor(core: ChainCore, hooks: DriverHooks) {
    this.#core = core;
    this.#hooks = hooks;
    this.polls = new CandidatePolls(core, () => this.consider());
    this.#demand = new ChainDemand(core, this.polls);
    this.told = new OwnStatus(core, () => this.#position());
    this.#history = new OwnHistory(core, {
      onKnown: () => this.#startRun(),
      onTwin: (frame) => this.onTwin(frame),
    });
    this.fetch = new ChainFetch(
      core,
      () => this.#run,
      () => void this.#startRun().then(() => this.#hooks.onDecided()),
    );
  }

  get decided(): DecidedChain | undefined {
    return this.#decided;
  }

  /** Why it stands still, or does not run what the rules name. */
  get detail(): string {
    return this.#detail;
  }

  get run(): ChainRun | undefined {
    return this.#run;
  }

  get standing(): ChainStanding {
    if (this.#standing !== 'voter') return this.#standing;
    return this.fetch.isFollowing ? 'behind' : 'voter';
  }

  /** The chain does not open here. */
  refuse(why: string): void {
    this.#halt(new Error(why));
  }

  async open(decided: DecidedChain): Promise<void> {
    this.#decided = decided;
    if (await this.#core.journal.get('evidence', this.#twinName)) this.#standing = 'twin';
    this.fetch.open(decided);
    await this.#startRun();
    for (const to of this.#core.reachable(0).slice(0, 1)) this.fetch.blocksOf(to);
  }

  /** Looks again at what there is to decide, and who is there to lead. */
  tick(guilty: ReadonlySet<string>): void {
    const run = this.#run;
    if (run === undefined) return;
    this.#observe(run.terms);
    run.retry();
    const { bus } = this.#core.world;
    const connected = new Set([bus.self, ...bus.connected()]);
    const away = run.terms.membership.members.flatMap(({ member }, voter) => {
      const transportId = this.#core.transportOf(member);
      const isThere = transportId !== undefined && connected.has(transportId);
      return isThere && !guilty.has(member) ? [] : [voter];
    });
    run.setInactive(new Set(away));
    this.consider();
  }

  /** Tells the engine whether something waits that no undecided block holds. */
  consider(): void {
    const run = this.#run;
    const decided = this.#decided;
    if (run !== undefined && decided !== undefined) this.#demand.consider(run, decided);
  }

  stop(): void {
    this.#run?.stop();
  }

  publish(frame: Uint8Array): Promise<void> {
    return this.#core.mail.publish(frame);
  }

  async propose(view: number, state: ChainState, how: ProposalTerms) {
    const { isEmpty, isFinishing, mayEndEpoch } = how;
    if (state.next === undefined && this.polls.isOpen) await this.polls.settled();
    const entries = isEmpty ? [] : this.#demand.entriesFor(state, mayEndEpoch);
    if (entries.length === 0 && !isFinishing && !isEmpty) return undefined;
    const { identity, logger } = this.#core.world;
    const plan = { entries, leader: identity.member, view };
    const built = buildBlock(state, plan, this.#core.rules.certified);
    if (!built.ok) {
      logger.error('no block could be built', { detail: built.refusal.detail });
      return undefined;
    }
    const { federation } = this.#core;
    const frame = sealMessage(identity, chainBlock, { federation, body: built.value });
    return { read: encodeBlock(built.value), frame };
  }

  declines({ block }: ReadBlock): boolean {
    return this.polls.declines(block);
  }

  onDecided({ certificate, polled, view, ...made }: DecidedBlocks): void {
    const decided = this.#decided;
    if (decided === undefined) return;
    // Catching up may have adopted them while this engine still ran.
    const blocks = decided.notYet(made.blocks);
    if (blocks === undefined) this.onForked();
    if (blocks === undefined || blocks.length === 0) return;
    const { clock, logger, meter } = this.#core.world;
    const { epoch } = decided.state;
    const undecidedMs = this.#demand.decided();
    const polls = blocks.map(({ block }) => this.polls.summaryOf(block));
    const poll = polls.find((each) => each !== null) ?? null;
    const terms = { decidedAtMs: clock.nowMs(), undecidedMs, poll, polled };
    decided
      .take(decisionsOf(blocks, certificate, terms))
      .then(() => this.#core.journal.forget(epoch, view))
      .catch((error: unknown) => this.#halt(error));
    meter.count('starling_peer_chain_blocks_decided_total', blocks.length);
    meter.gauge('starling_peer_chain_height', decided.state.tip.height);
    if (undecidedMs !== null)
      meter.observe('starling_peer_chain_decision_seconds', undecidedMs / 1000);
    logger.info('decided', { height: decided.state.tip.height, epoch, view });
    const hasEnded = decided.state.epoch !== epoch;
    if (hasEnded) this.#run?.stop();
    queueMicrotask(() => {
      if (hasEnded) void this.#startRun();
      this.#hooks.onDecided();
      this.consider();
    });
  }

  onContradiction(first: Uint8Array, second: Uint8Array): void {
    this.#hooks.onContradiction(first, second);
  }

  onTwin(frame: Uint8Array): void {
    if (this.#standing === 'twin') return;
    this.#standing = 'twin';
    const { logger, meter } = this.#core.world;
    meter.count('starling_peer_chain_twins_total');
    logger.error('another process votes with this site’s key: this one votes no more');
    void this.#core.journal.write([{ kind: 'evidence', name: this.#twinName, value: frame }]);
  }

  onForked(): void {
    this.#halt(new Error('a certificate contradicts what was decided: more than F members lie'));
  }

  onRepeat(): void {
    void this.told.say();
  }

  async askMember(member: MemberId, request: ChainRequest, withinMs: number) {
    const to = this.#core.transportOf(member);
    return to === undefined ? undefined : this.#core.mail.ask(to, request, withinMs);
  }

  onStatements(said: readonly CastStatement<Uint8Array>[], terms: EpochTerms): void {
    this.#core.starts.note(said, terms);
  }

  onCertified(certificate: ChainCertificate, terms: EpochTerms): void {
    this.#core.highest.noteCertificate(certificate, terms);
  }

  #position(): Position | undefined {
    const run = this.#run;
    const state = this.#decided?.state;
    return run === undefined || state === undefined ? undefined : { run, state };
  }

  /** An engine on the newest decided block, with what the journal holds of the views above it. */
  async #startRun(): Promise<void> {
    const decided = this.#decided;
    if (decided === undefined) return;
    const start = ++this.#starts;
    this.#run?.stop();
    const { epoch, membership, tip } = decided.state;
    const { collection, federation, world } = this.#core;
    const terms = { collection, epoch, federation, membership };
    const place = membership.places.get(world.identity.member);
    const { journal } = this.#core;
    const kept = await readEpoch(journal, epoch, tip.view);
    const records = await readSnow(new SnowJournal(journal, epoch));
    // A later start takes its place.
    if (start !== this.#starts) return;
    if (decided.state.tip.id !== tip.id) return this.#startRun();
    const self = !this.#history.isKnown || this.#standing === 'twin' ? undefined : place;
    const seed = new TextEncoder().encode(`${federation}/${collection}/${epoch}`);
    const leaderSeed = domainHash('starling/chain-leaders/v1', seed);
    const { queue, rules } = this.#core;
    const parts = { world, queue, rules, decided, journal, leaderSeed, self, terms, host: this };
    const run = startEngine({ ...parts, ballots: kept.ballots }, records);
    this.#run = run;
    this.#detail = fallbackOf(decided.state) ?? '';
    this.#history.holdBack(run, kept.ballots, tip.view);
    run.restore(kept.blocks, kept.certificates);
    if (this.#standing !== 'twin') {
      this.#standing = place === undefined ? 'attester' : self === undefined ? 'observer' : 'voter';
    }
    this.#observe(terms);
    this.consider();
  }

  /** Where the twin of the present key is on record: another key has none. */
  get #twinName(): readonly string[] {
    return ['twin', this.#core.world.identity.member];
  }

  #observe(terms: EpochTerms): void {
    const { member } = this.#core.world.identity;
    if (!terms.membership.places.has(member)) return;
    this.#history.observe(terms).catch((error: unknown) => this.#halt(error));
  }

  #halt(error: unknown): void {
    if (this.#core.stopping.signal.aborted) return;
    this.#run?.stop();
    this.#standing = 'halted';
    const detail = error instanceof Error ? error.message : String(error);
    this.#detail = detail;
    this.#core.world.logger.error('the chain stands still here', { detail });
  }
}
