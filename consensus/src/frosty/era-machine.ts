// How a member goes from era to era: polls until more than F are stuck, starting votes of n - f
// members, an opening that they certify, a few certified blocks, and polls again.

import type { Digest } from '@starling/shared';
import type { BlockOutcome } from '../simplex/effect.ts';
import type { SimplexReplica } from '../simplex/replica.ts';
import type { BlockHeader, QuorumCertificate } from '../simplex/vote.ts';
import { CertificateStage } from './certificate-stage.ts';
import type { FrostyEffect } from './effect.ts';
import { comparePeriods, type Period, periodOf, startingEra } from './era.ts';
import { EraChain } from './era-chain.ts';
import { EraStatements } from './era-statements.ts';
import {
  type FrostyConfig,
  type FrostyJournal,
  type FrostyRules,
  frostyRules,
} from './frosty-config.ts';
import { type DecidedOpening, decidedStart, type EraStart } from './opening.ts';
import { type OpeningListener, OpeningStage, type SimplexSetting } from './opening-stage.ts';
import { PollsStage } from './polls-stage.ts';
import type { StatementOutcome } from './stall-book.ts';
import { chooseStarts } from './start-choice.ts';
import type { CastStatement, StartingBlock } from './statement.ts';
import { WakeClock } from './wake-clock.ts';

interface Pending<Proof> extends EraStart {
  readonly certificate: QuorumCertificate<Proof>;
}

/**
 * Invariant: at most one of polls, opening and certificates runs. Invariant: a starting vote is made
 * when polls have halted for good in this era, so it stays what the member prefers.
 */
export class EraMachine<Proof> {
  readonly effects: FrostyEffect<Proof>[] = [];
  readonly chain: EraChain<Proof>;
  readonly statements: EraStatements<Proof>;
  polls: PollsStage<Proof> | undefined;
  opening: OpeningStage<Proof> | undefined;
  certificates: CertificateStage<Proof> | undefined;
  readonly #config: FrostyConfig;
  readonly #rules: FrostyRules;
  readonly #simplex: Omit<SimplexSetting, 'era' | 'silentUntil'>;
  readonly #clock: WakeClock;
  /** The even era that runs or ended last. */
  #era: number;
  /** How the odd era after it opened, or a later one, until we are there. */
  #pending: Pending<Proof> | undefined;
  #hasDemand = false;
  #inactive: ReadonlySet<number> = new Set();
  #silentUntil = -1;
  readonly #listener = {
    tell: (effect: FrostyEffect<Proof>) => this.#tell(effect),
    wake: (atMs: number) => this.#clock.setInner(atMs),
    forked: (against: Digest) => this.chain.fork(against),
  };

  constructor(config: FrostyConfig, journal: FrostyJournal<Proof>) {
    const { opening, starts = new Map(), votes } = journal;
    const { leaderSeed, members, root, self } = config;
    this.#config = config;
    this.#rules = frostyRules(config);
    this.#era = startingEra(root.view, journal.era);
    const { timeouts } = this.#rules;
    this.#simplex = { leaderSeed, members, self, timeouts, votes };
    const [{ tell }, { repeatMs }] = [this.#listener, timeouts];
    this.chain = new EraChain(root, tell);
    this.statements = new EraStatements({ members, self, repeatMs, starts, tell }, this.#era);
    this.#clock = new WakeClock(repeatMs);
    const known = opening && decidedStart(opening, this.#rules);
    if (opening !== undefined && known !== undefined && known.era > this.#era) {
      this.#pending = { ...known, certificate: opening.certificate };
    }
    if (this.#pending === undefined && !this.#askHowItOpened()) this.#startPolls(0);
  }

  get period(): Period {
    if (this.certificates !== undefined) return { era: this.#era + 1, kind: 'certificates' };
    if (this.opening !== undefined) return { era: this.#era + 1, kind: 'opening' };
    return { era: this.#era, kind: 'polls' };
  }

  get simplex(): SimplexReplica<Proof> | undefined {
    return this.opening?.simplex ?? this.certificates?.simplex;
  }

  setDemand(hasDemand: boolean, nowMs: number): void {
    this.#hasDemand = hasDemand;
    this.polls?.engine.setDemand(hasDemand, nowMs);
    this.certificates?.setDemand(hasDemand, nowMs);
  }

  setInactive(voters: ReadonlySet<number>): void {
    this.#inactive = voters;
    this.polls?.engine.setInactive(voters);
    this.simplex?.setInactive(voters);
  }

  observeUntil(view: number): void {
    this.#silentUntil = Math.max(this.#silentUntil, view);
    this.statements.observeUntil(view);
    this.simplex?.observeUntil(view);
  }

  onBlock(block: BlockHeader, nowMs: number): BlockOutcome | 'stale-period' | 'future-period' {
    if (this.chain.wanted.take(block.id)) {
      this.chain.book.add(block);
      this.opening?.simplex.setDemand(true, nowMs);
      return 'accepted';
    }
    const side = comparePeriods(periodOf(block.view), this.period);
    const stage = this.polls ?? this.certificates;
    if (side !== 0 || stage === undefined) return side > 0 ? 'future-period' : 'stale-period';
    const outcome = stage.onBlock(block, nowMs);
    if (outcome === 'accepted') this.chain.book.add(block);
    return outcome;
  }

  onStatement(cast: CastStatement<Proof>, nowMs: number): StatementOutcome {
    const outcome = this.statements.record(cast, nowMs);
    if (outcome === 'counted') this.opening?.simplex.setDemand(true, nowMs);
    if (outcome === 'future-era') this.sawPeriod({ era: cast.statement.era, kind: 'polls' });
    return outcome;
  }

  onDecidedOpening(opening: DecidedOpening<Proof>): 'learned' | 'stale-period' | 'malformed' {
    const start = decidedStart(opening, this.#rules);
    if (start === undefined) return 'malformed';
    const known = this.#pending?.era ?? (this.certificates === undefined ? -1 : this.#era + 1);
    if (start.era <= Math.max(known, this.#era)) return 'stale-period';
    this.#opened(opening, start);
    return 'learned';
  }

  /** Something of another period came in: when it is later, ask how its era opened. */
  sawPeriod({ era, kind }: Period): void {
    if (era > this.#era + 1 || (era > this.#era && kind === 'certificates')) {
      this.chain.wanted.askEra(era);
    }
  }

  onTick(nowMs: number): void {
    if (this.#clock.tick(nowMs)) {
      this.chain.wanted.askAgain();
      if (this.certificates === undefined) this.statements.repeat();
      this.#askHowItOpened();
    }
    this.polls?.engine.onTick(nowMs);
    this.simplex?.onTick(nowMs);
  }

  /** Does what is due, until nothing more is. */
  settle(nowMs: number): void {
    do this.#drain(nowMs);
    while (!this.chain.isForked && this.#advance(nowMs));
    const isHalted = this.polls === undefined && this.certificates === undefined;
    const mustRepeat = isHalted || this.statements.isStuck || this.chain.wanted.size > 0;
    const atMs = this.#clock.next(mustRepeat, nowMs);
    if (atMs !== undefined && !this.chain.isForked) this.#tell({ kind: 'wake', atMs });
  }

  /** One step to another period, if one is due. */
  #advance(nowMs: number): boolean {
    const { certificates, opening, polls } = this;
    if (certificates !== undefined) {
      if (this.chain.decided.height >= certificates.lastHeight) return this.#endOddEra(nowMs);
      return certificates.review(nowMs);
    }
    if (this.#pending !== undefined) return this.#startCertificates(this.#pending, nowMs);
    if (polls !== undefined) return this.#considerHalting(polls, nowMs);
    if (opening !== undefined) return opening.review(this.#openingListener(nowMs), nowMs);
    if (this.statements.starts().length < this.#rules.startQuorum) return false;
    this.opening = new OpeningStage(this.#setting(this.#era + 1), this.#rules);
    this.opening.simplex.setInactive(this.#inactive);
    this.opening.simplex.setDemand(true, nowMs);
    return true;
  }

  #considerHalting({ engine, tip }: PollsStage<Proof>, nowMs: number): boolean {
    if (!this.statements.shouldHalt(nowMs)) return false;
    engine.halt();
    this.#leavePolls();
    this.statements.state(this.chain.book.startingVote(tip));
    return true;
  }

  /** True when the way to the era's start is known, and it is one from what was decided here. */
  #startCertificates({ era, block, certificate }: Pending<Proof>, nowMs: number): boolean {
    const relation = this.chain.wayInto(era, block);
    if (relation.kind === 'fork') this.chain.fork(block.id);
    if (relation.kind !== 'path') return false;
    this.#pending = undefined;
    this.#leavePolls();
    this.chain.startOn(relation.blocks, { kind: 'certificate', certificate });
    if (era - 1 !== this.#era) this.#enterEra(era - 1);
    this.opening = undefined;
    const lastHeight = block.height + this.#rules.certificateBlocks;
    this.certificates = new CertificateStage(this.#setting(era), this.chain.decided, lastHeight);
    this.certificates.simplex.setInactive(this.#inactive);
    this.certificates.setDemand(this.#hasDemand, nowMs);
    return true;
  }

  #endOddEra(nowMs: number): boolean {
    this.certificates = undefined;
    this.chain.keepOnly([]);
    this.#enterEra(this.#era + 2);
    this.#tell({ kind: 'entered', era: this.#era, root: this.chain.decided });
    this.#startPolls(nowMs);
    return true;
  }

  #enterEra(era: number): void {
    this.#era = era;
    this.statements.enter(era);
  }

  /** True when the decided block is of an odd era, and it is not known how that opened. */
  #askHowItOpened(): boolean {
    const isKnown = this.#pending !== undefined || this.certificates !== undefined;
    if (isKnown || periodOf(this.chain.decided.view).era <= this.#era) return false;
    this.chain.wanted.askEra(this.#era + 1);
    return true;
  }

  /** Not where a starting vote of this era stands already. */
  #startPolls(nowMs: number): void {
    if (this.statements.hasHalted) return;
    this.#clock.setInner(Number.POSITIVE_INFINITY);
    this.polls = new PollsStage(this.#config, this.chain.decided, this.#era);
    this.polls.engine.setInactive(this.#inactive);
    if (this.#hasDemand) this.polls.engine.setDemand(true, nowMs);
  }

  #leavePolls(): void {
    this.#clock.setInner(Number.POSITIVE_INFINITY);
    this.statements.notStuck();
    this.polls = undefined;
  }

  #opened(opening: DecidedOpening<Proof>, start: EraStart): void {
    this.#pending = { ...start, certificate: opening.certificate };
    this.polls?.engine.halt();
    this.#leavePolls();
    this.#tell({ kind: 'opened', era: start.era, opening });
  }

  #drain(nowMs: number): void {
    while (this.polls?.engine.hasEffects === true) {
      this.polls.drain({
        ...this.#listener,
        decided: (blocks, finality) => {
          this.statements.notStuck();
          this.chain.decide(blocks, finality);
        },
        stalled: () => this.statements.sayStuck(),
      });
    }
    while (this.opening?.simplex.hasEffects === true) {
      this.opening.drain(this.#openingListener(nowMs), nowMs);
    }
    const lastHeight = this.certificates?.lastHeight;
    while (this.certificates?.simplex.hasEffects === true) {
      this.certificates.drain({
        ...this.#listener,
        decided: (blocks, certificate) =>
          this.chain.decide(blocks, { kind: 'certificate', certificate }, lastHeight),
      });
    }
  }

  #openingListener(nowMs: number): OpeningListener<Proof> {
    const mayStartOn = (block: StartingBlock) => this.chain.mayStartOn(block);
    return {
      ...this.#listener,
      lead: (view, parent, isFirst) => {
        const [{ decided }, { startQuorum: quorum }] = [this.chain, this.#rules];
        const all = this.statements.starts();
        const starts = isFirst ? chooseStarts(all, { decided, quorum }, mayStartOn) : [];
        if (starts === undefined) this.opening?.simplex.declineToPropose(view, nowMs);
        else this.#tell({ kind: 'propose-opening', view, parent, starts });
      },
      mayStartOn,
      opened: (opening) => {
        const start = decidedStart(opening, this.#rules);
        if (start !== undefined && this.#pending === undefined) this.#opened(opening, start);
      },
    };
  }

  #tell(effect: FrostyEffect<Proof>): void {
    this.effects.push(effect);
    if (effect.kind === 'twin-statement') this.observeUntil(Number.MAX_SAFE_INTEGER);
  }

  #setting(era: number): SimplexSetting {
    return { ...this.#simplex, era, silentUntil: this.#silentUntil };
  }
}
