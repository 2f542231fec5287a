// One epoch of the chain at one member: the pure engine, and what it asks for carried out. Votes are
// written down and flushed, signed, sent; blocks are judged; what is decided is handed on.

import {
  type SimplexEffect,
  SimplexReplica,
  type SimplexStatus,
  type SimplexVote,
} from '@starling/consensus';
import {
  type Cancel,
  type ChainCertificate,
  type Digest,
  refusal,
  type Verdict,
} from '@starling/shared';
import {
  blockHeader,
  certificateClaims,
  certificateOf,
  type EpochTerms,
  type ReadBlock,
  type SignedCertificate,
  wireCertificate,
} from './chain-codec.ts';
import type { ChainRun } from './chain-run.ts';
import { EpochBlocks } from './epoch-blocks.ts';
import { EpochCertificates } from './epoch-certificates.ts';
import type { EpochParts } from './epoch-host.ts';
import { EpochVotes } from './epoch-votes.ts';
import { verdictOn } from './outcome-refusals.ts';
import { SendingOrder } from './sending-order.ts';
import type { HeldVote } from './vote-desk.ts';

export class EpochRun implements ChainRun {
  readonly engine = 'simplex';
  readonly eras = undefined;
  readonly terms: EpochTerms;
  readonly blocks: EpochBlocks;
  readonly #parts: EpochParts;
  readonly #replica: SimplexReplica<Uint8Array>;
  readonly #votes: EpochVotes;
  readonly #certificates: EpochCertificates;
  readonly #unjudged = new Set<Digest>();
  readonly #order: SendingOrder;
  #cancelWake: Cancel = () => undefined;
  #isStopped = false;

  constructor(parts: EpochParts) {
    const { ballots, decided, leaderSeed, queue, rules, self, terms } = parts;
    const { membership } = terms;
    this.#parts = parts;
    this.terms = terms;
    this.#order = new SendingOrder(parts.world.logger);
    this.#certificates = new EpochCertificates(parts.journal);
    this.blocks = new EpochBlocks(rules, queue, () => decided.state);
    const weights = membership.members.map(({ weight }) => weight);
    this.#votes = new EpochVotes({
      ...parts,
      onVote: (cast) => void this.#do((nowMs) => this.#replica.onVote(cast, nowMs)),
      onContradiction: (first, second) => parts.host.onContradiction(first, second),
    });
    const config = { members: weights.length, weights, self, leaderSeed };
    const root = decided.state.tip;
    const votes = ballots.map(({ vote }) => vote);
    this.#replica = new SimplexReplica<Uint8Array>({ ...config, root }, votes);
    this.#settle();
  }

  status(): SimplexStatus<Uint8Array> {
    return this.#replica.status();
  }

  /** A certificate of an undecided view. */
  certificate(view: number, kind: SimplexVote['kind']): ChainCertificate | undefined {
    return this.#certificates.get(view, kind);
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

  /** Verifies and judges what a full queue made wait. */
  retry(): void {
    this.#votes.retry();
    for (const id of [...this.#unjudged]) void this.#judge(id);
  }

  /** A vote of a member, everything but its signature checked. */
  takeVote(held: HeldVote<SimplexVote>): Promise<Verdict> {
    return this.#votes.take(held, this.#replica.status().view);
  }

  /** A block that its leader signed, or that a certificate names. */
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

  /** A certificate of this epoch, its signatures not verified yet. */
  async takeCertificate(certificate: ChainCertificate): Promise<Verdict> {
    const claims = certificateClaims(this.terms, certificate);
    if (!claims.ok) return claims.refusal;
    const signed = certificateOf(certificate);
    if (!this.#replica.lacks(signed.vote)) return refusal('duplicate', 'it is known');
    const answer = await this.#parts.queue.checkAll(claims.value);
    if (answer === 'busy') return refusal('busy', 'too many signatures wait to be verified');
    if (answer === 'false') return refusal('bad-signature', 'a certificate');
    const outcome = this.#do((nowMs) => this.#replica.onCertificate(signed, nowMs));
    return verdictOn(outcome, `certificate of view ${signed.vote.view}`);
  }

  /** Takes back what the journal held, before anything is heard. */
  restore(blocks: readonly ReadBlock[], certificates: readonly ChainCertificate[]): void {
    for (const read of blocks) {
      const header = blockHeader(read, this.terms);
      if (!header.ok || header.value.view <= this.#parts.decided.state.tip.view) continue;
      this.blocks.add(read, header.value, undefined);
      this.#do((nowMs) => this.#replica.onBlock(header.value, nowMs));
    }
    for (const certificate of certificates) {
      const signed = certificateOf(certificate);
      this.#do((nowMs) => this.#replica.onCertificate(signed, nowMs));
    }
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancelWake();
  }

  #do<T>(action: (nowMs: number) => T): T {
    const result = action(this.#parts.world.clock.monotonicMs());
    this.#settle();
    return result;
  }

  #settle(): void {
    while (!this.#isStopped && this.#replica.hasEffects) {
      for (const effect of this.#replica.takeEffects()) this.#carryOut(effect);
    }
  }

  #carryOut(effect: SimplexEffect<Uint8Array>): void {
    const { host } = this.#parts;
    switch (effect.kind) {
      case 'cast':
        this.#say(effect.vote);
        break;
      case 'propose':
        void this.#propose(effect.view, effect.parent.id, effect.isFinishing);
        break;
      case 'judge':
        void this.#judge(effect.block.id);
        break;
      case 'fetch-block':
        host.fetch.block(effect.id);
        break;
      case 'fetch-certificate':
        host.fetch.certificate(effect.view, effect.want);
        break;
      case 'certified':
        this.#certified(effect.certificate);
        break;
      case 'decided':
        this.#decided(effect.blocks, effect.certificate);
        break;
      case 'evidence':
        host.onContradiction(this.#votes.frameOf(effect.first), this.#votes.frameOf(effect.second));
        break;
      case 'conflicting-proposals':
        this.#conflicting(effect.first.id, effect.second.id);
        break;
      case 'repeat':
        this.#repeat(effect.votes);
        break;
      case 'twin':
        host.onTwin(this.#votes.frameOf(effect.cast));
        break;
      case 'forked':
        host.onForked();
        break;
      case 'wake':
        this.#wake(effect.atMs);
        break;
    }
  }

  #wake(atMs: number): void {
    const { clock } = this.#parts.world;
    this.#cancelWake();
    this.#cancelWake = clock.after(Math.max(0, atMs - clock.monotonicMs()), () => {
      this.#do((nowMs) => this.#replica.onTick(nowMs));
    });
  }

  /** Written at once, with whatever else this turn writes; said in order, once it is on the disk. */
  #say(vote: SimplexVote): void {
    const { host, self } = this.#parts;
    if (self === undefined) return;
    const known = vote.kind === 'notarize' ? this.blocks.get(vote.block) : undefined;
    if (known !== undefined) this.#certificates.keepBlock(known.read);
    const written = this.#votes.cast(vote);
    this.#order.say(async () => {
      const ballot = await written;
      if (ballot === undefined || this.#isStopped) return;
      // A leader's block leaves after the vote for it is written: it proposes once in a view.
      if (known?.header.leader === self && known.frame !== undefined) {
        await host.publish(known.frame);
      }
      this.#votes.count(self, ballot);
      await host.publish(ballot.frame);
    });
  }

  async #propose(view: number, parent: Digest, isFinishing: boolean): Promise<void> {
    const { host } = this.#parts;
    const state = this.blocks.stateBehind(parent);
    const made = await (state && host.propose(view, state, { isEmpty: false, isFinishing }));
    if (this.#isStopped) return;
    const header = made === undefined ? undefined : blockHeader(made.read, this.terms);
    if (made === undefined || header?.ok !== true) {
      this.#do((nowMs) => this.#replica.declineToPropose(view, nowMs));
      return;
    }
    this.blocks.add(made.read, header.value, made.frame);
    this.#do((nowMs) => this.#replica.onBlock(header.value, nowMs));
  }

  async #judge(id: Digest): Promise<void> {
    this.#unjudged.add(id);
    const judged = await this.blocks.judge(id);
    if (this.#isStopped || !this.#unjudged.has(id)) return;
    if (!judged.ok && judged.refusal.reason === 'busy') return;
    this.#unjudged.delete(id);
    const known = this.blocks.get(id);
    const isWanted = judged.ok && known !== undefined && !this.#parts.host.declines(known.read);
    const outcome = judged.ok ? (isWanted ? 'valid' : 'not-preferred') : judged.refusal.reason;
    const { logger, meter } = this.#parts.world;
    meter.count('starling_peer_chain_blocks_total', 1, { outcome });
    if (!judged.ok) logger.warn('a block is not valid', { id, detail: judged.refusal.detail });
    this.#do((nowMs) => this.#replica.onJudged(id, isWanted, nowMs));
  }

  #certified(certificate: SignedCertificate): void {
    const { vote } = certificate;
    if (vote.kind !== 'nullify') this.blocks.certified(vote.block);
    this.#votes.close(vote);
    const wire = wireCertificate(this.terms, certificate);
    this.#certificates.keep(wire);
    this.#parts.host.onCertified(wire, this.terms);
  }

  #decided(ids: readonly Digest[], certificate: SignedCertificate): void {
    const reads = ids.flatMap((id) => this.blocks.get(id)?.read ?? []);
    const { view } = certificate.vote;
    if (reads.length === ids.length) {
      const shown = { certificate: wireCertificate(this.terms, certificate), polled: null };
      this.#parts.host.onDecided({ blocks: reads, ...shown, view });
    } else this.#parts.host.onForked();
    this.#votes.decided(view);
    this.blocks.decided(view);
    this.#unjudged.clear();
    this.#certificates.decided(view);
  }

  #repeat(votes: readonly SimplexVote[]): void {
    const { host, self } = this.#parts;
    const { view } = this.#replica.status();
    const own = self === undefined ? undefined : this.blocks.ofLeader(view, self);
    for (const vote of votes) {
      const ballot = this.#votes.ballotOf(vote);
      if (ballot === undefined) continue;
      const isOfOwnBlock = vote.kind === 'notarize' && vote.block === own?.read.id;
      if (isOfOwnBlock && own.frame !== undefined) void host.publish(own.frame);
      void host.publish(ballot.frame);
    }
    host.onRepeat();
  }

  #conflicting(first: Digest, second: Digest): void {
    const [a, b] = [this.blocks.get(first)?.frame, this.blocks.get(second)?.frame];
    if (a !== undefined && b !== undefined) this.#parts.host.onContradiction(a, b);
  }
}
