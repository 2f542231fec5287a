// One epoch of the chain at one member under the engine snow: polls over requests in even eras,
// certificates by signed votes in odd ones (Frosty, arXiv 2404.14250). What it hears is checked here
// and handed to the pure engine; what that asks for is carried out by `SnowEffects`.

import {
  comparePeriods,
  FrostyReplica,
  periodOf,
  type SimplexVote,
  type StatementOutcome,
  viewBefore,
} from '@starling/consensus';
import type { SignatureClaim } from '@starling/crypto';
import {
  ACCEPT,
  type BlockChit,
  type ChainCertificate,
  type ChainStatus,
  type Checked,
  type Digest,
  type OpenedEra,
  type RefusalReason,
  refusal,
  type TransportId,
  type Verdict,
} from '@starling/shared';
import {
  blockHeader,
  certificateClaims,
  certificateOf,
  type EpochTerms,
  type ReadBlock,
} from './chain-codec.ts';
import type { ChainRun, EraRun, HeardStall, HeldOpening, RunStatus } from './chain-run.ts';
import { EpochBlocks } from './epoch-blocks.ts';
import type { EpochParts } from './epoch-host.ts';
import { verdictOn } from './outcome-refusals.ts';
import { openingClaims, readOpened, readOpening, statementOf } from './snow-codec.ts';
import { SnowEffects } from './snow-effects.ts';
import { frostyRecords, type SnowJournal, type SnowRecords } from './snow-journal.ts';
import { frostyConfig, type SnowTerms } from './snow-terms.ts';
import type { HeldVote } from './vote-desk.ts';

/** Undecided blocks that are kept: those that the engine holds, and those of a certificate era. */
export const UNDECIDED_BLOCKS_MAX = 512;

export interface SnowParts extends EpochParts {
  readonly engine: SnowTerms;
  readonly snowJournal: SnowJournal;
  readonly records: SnowRecords;
}

const STALL_REASONS: Readonly<Record<StatementOutcome, RefusalReason | 'accept'>> = Object.freeze({
  counted: 'accept',
  duplicate: 'duplicate',
  equivocation: 'equivocation',
  malformed: 'wrong-shape',
  'future-era': 'future-round',
  'not-a-member': 'unknown-sender',
  'stale-era': 'stale-round',
  'unknown-own-statement': 'replay',
});

export class SnowRun implements ChainRun, EraRun {
  readonly engine = 'snow';
  readonly eras: EraRun = this;
  readonly terms: EpochTerms;
  readonly blocks: EpochBlocks;
  readonly #parts: SnowParts;
  readonly #replica: FrostyReplica<Uint8Array>;
  readonly #effects: SnowEffects;
  #isStopped = false;

  /** @throws {RangeError} when the rules are not safe for these members, numbers included. */
  constructor(parts: SnowParts) {
    const { ballots, decided, engine, leaderSeed, queue, records, rules, self, terms } = parts;
    this.#parts = parts;
    this.terms = terms;
    this.blocks = new EpochBlocks(rules, queue, () => decided.state, UNDECIDED_BLOCKS_MAX);
    const weights = terms.membership.members.map(({ weight }) => weight);
    const setting = { leaderSeed, members: weights.length, root: decided.state.tip, self, weights };
    const votes = ballots.map(({ vote }) => vote);
    const journal = { ...frostyRecords(records, terms), votes };
    this.#replica = new FrostyReplica<Uint8Array>(frostyConfig(engine, setting), journal);
    this.#effects = new SnowEffects(parts, this.blocks, {
      status: () => this.#replica.status(),
      feed: (action) => this.#do((nowMs) => action(this.#replica, nowMs)),
    });
    this.#settle();
  }

  status(): RunStatus {
    const { best, decided, finalization, isIdle, leader, period, tip, view } =
      this.#replica.status();
    const isNewer = finalization !== undefined && finalization.vote.view > (best?.vote.view ?? 0);
    return {
      best: isNewer ? finalization : best,
      isIdle,
      leader,
      tip,
      view: view ?? Math.max(decided.view, viewBefore(period)) + 1,
    };
  }

  certificate(view: number, kind: SimplexVote['kind']): ChainCertificate | undefined {
    return this.#effects.certificate(view, kind);
  }

  setDemand(hasWork: boolean): void {
    this.#do((nowMs) => this.#replica.setDemand(hasWork, nowMs));
  }

  setInactive(voters: ReadonlySet<number>): void {
    this.#replica.setInactive(voters);
  }

  observeUntil(view: number): void {
    this.#replica.observeUntil(view);
  }

  retry(): void {
    this.#effects.retry();
  }

  async takeVote(held: HeldVote<SimplexVote>): Promise<Verdict> {
    const { view } = held.vote;
    const side = comparePeriods(periodOf(view), this.#replica.status().period);
    if (side < 0 || periodOf(view).kind === 'polls') {
      return refusal('stale-round', `a vote of view ${view}`);
    }
    if (side === 0) return this.#effects.votes.take(held, this.status().view);
    // Whoever votes in a later era shows that there is one, once its signature holds.
    if ((await this.#parts.queue.check(held.claim)) === 'holds') {
      const { claim, vote, voter } = held;
      this.#do((nowMs) => this.#replica.onVote({ voter, vote, proof: claim.signature }, nowMs));
    }
    return refusal('future-round', `a vote of view ${view}`);
  }

  takeBlock(read: ReadBlock, frame: Uint8Array | undefined): Verdict {
    const header = blockHeader(read, this.terms);
    if (!header.ok) return header.refusal;
    if (this.blocks.get(read.id) !== undefined) {
      return refusal('duplicate', 'this block was heard before');
    }
    const known = this.blocks.add(read, header.value, frame);
    const outcome = this.#do((nowMs) => this.#replica.onBlock(known.header, nowMs));
    if (outcome !== 'accepted' && outcome !== 'duplicate') this.blocks.drop(read.id);
    return verdictOn(outcome, `block ${read.id} of view ${read.block.view}`);
  }

  async takeCertificate(certificate: ChainCertificate): Promise<Verdict> {
    const signed = certificateOf(certificate);
    if (!this.#replica.lacks(signed.vote)) return refusal('duplicate', 'it is known');
    const claims = certificateClaims(this.terms, certificate);
    const fault = await this.#unproved(claims, 'a certificate');
    if (fault !== undefined) return fault;
    const outcome = this.#do((nowMs) => this.#replica.onCertificate(signed, nowMs));
    return verdictOn(outcome, `certificate of view ${signed.vote.view}`);
  }

  restore(blocks: readonly ReadBlock[], certificates: readonly ChainCertificate[]): void {
    for (const read of blocks) {
      const header = blockHeader(read, this.terms);
      if (!header.ok || header.value.height <= this.#parts.decided.state.tip.height) continue;
      this.blocks.add(read, header.value, undefined);
      this.#do((nowMs) => this.#replica.onBlock(header.value, nowMs));
    }
    for (const certificate of certificates) {
      const signed = certificateOf(certificate);
      this.#do((nowMs) => this.#replica.onCertificate(signed, nowMs));
    }
    this.#do((nowMs) => this.#replica.onTick(nowMs));
  }

  stop(): void {
    this.#isStopped = true;
    this.#effects.stop();
  }

  takeStall({ body, claim, voter }: HeardStall): Verdict {
    if (body.epoch !== this.terms.epoch) return refusal('stale-epoch', `epoch ${body.epoch}`);
    const cast = { voter, statement: statementOf(body), proof: claim.signature };
    const outcome = this.#do((nowMs) => this.#replica.onStatement(cast, nowMs));
    const reason = STALL_REASONS[outcome];
    if (reason === 'accept') return ACCEPT;
    // Whoever passed a contradiction on is not its author.
    return { ...refusal(reason, `${outcome}: a statement of era ${body.era}`), kind: 'ignore' };
  }

  async takeOpening({ body, frame }: HeldOpening): Promise<Verdict> {
    const read = readOpening(body, this.terms);
    if (!read.ok) return read.refusal;
    const fault = await this.#unproved(openingClaims(this.terms, [read.value]), 'an opening');
    if (fault !== undefined) return fault;
    const { header } = read.value;
    this.#effects.openings.hold(header.id, { body, frame });
    const outcome = this.#do((nowMs) => this.#replica.onOpening(read.value, nowMs));
    return verdictOn(outcome, `opening ${header.id} of view ${header.view}`);
  }

  async takeOpened(opened: OpenedEra): Promise<Verdict> {
    const read = readOpened(opened, this.terms);
    if (!read.ok) return read.refusal;
    const { claims, opening } = read.value;
    const fault = await this.#unproved({ ok: true, value: claims }, 'how an era opened');
    if (fault !== undefined) return fault;
    const outcome = this.#do((nowMs) => this.#replica.onDecidedOpening(opening, nowMs));
    if (outcome === 'malformed') return refusal('wrong-shape', 'the votes do not open an era');
    return verdictOn(outcome, 'how an era opened');
  }

  chit(era: number, height: number): BlockChit | undefined {
    return this.#replica.chitAt(era, height);
  }

  opening(id: string): HeldOpening | undefined {
    return this.#effects.openings.get(id as Digest);
  }

  opened(): OpenedEra | undefined {
    return this.#effects.openings.opened;
  }

  aheadOf(view: number): number {
    return comparePeriods(this.#replica.status().period, periodOf(view));
  }

  heed({ decided, height, view }: ChainStatus, from: TransportId): void {
    const { host } = this.#parts;
    const { decided: own, period } = this.#replica.status();
    const isLater = this.aheadOf(view) < 0;
    if (isLater) host.fetch.era(from);
    if (isLater && period.kind === 'certificates') {
      host.fetch.certificate(this.status().view, 'any', from);
    }
    if (height > own.height && this.blocks.get(decided) === undefined) {
      host.fetch.block(decided, from);
    }
  }

  /** Why signatures do not count; undefined when all of them hold. */
  async #unproved(
    claims: Checked<readonly SignatureClaim[]>,
    what: string,
  ): Promise<Verdict | undefined> {
    if (!claims.ok) return claims.refusal;
    const answer = await this.#parts.queue.checkAll(claims.value);
    if (answer === 'busy') return refusal('busy', 'too many signatures wait to be verified');
    return answer === 'false' ? refusal('bad-signature', what) : undefined;
  }

  #do<T>(action: (nowMs: number) => T): T {
    const result = action(this.#parts.world.clock.monotonicMs());
    this.#settle();
    return result;
  }

  #settle(): void {
    while (!this.#isStopped && this.#replica.hasEffects) {
      for (const effect of this.#replica.takeEffects()) this.#effects.carryOut(effect);
    }
  }
}
