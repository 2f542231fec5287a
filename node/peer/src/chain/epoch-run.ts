// One epoch of the chain at one member, whichever engine decides it. What is heard is fed to the pure
// engine, and what every engine asks for is carried out here: votes are written down and flushed,
// signed, sent; blocks are judged; certificates are kept. The rest is the engine's `EngineHands`.

import type { SimplexVote } from '@starling/consensus';
import type { ReadBlock } from '@starling/rules';
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
  type SignedCertificate,
  wireCertificate,
} from './chain-codec.ts';
import type { ChainRun, RunStatus } from './chain-run.ts';
import type { EngineEffect, EngineHands, OwnEffect, PureEngine, RunTools } from './engine-hands.ts';
import { EpochBlocks } from './epoch-blocks.ts';
import { EpochCertificates } from './epoch-certificates.ts';
import type { EpochParts } from './epoch-host.ts';
import { EpochVotes } from './epoch-votes.ts';
import { verdictOn } from './outcome-refusals.ts';
import { SendingOrder } from './sending-order.ts';
import type { HeldVote } from './vote-desk.ts';

export class EpochRun<E extends EngineEffect> implements ChainRun, RunTools {
  readonly terms: EpochTerms;
  readonly blocks: EpochBlocks;
  readonly votes: EpochVotes;
  readonly certificates: EpochCertificates;
  readonly order: SendingOrder;
  readonly #parts: EpochParts;
  readonly #engine: PureEngine<E>;
  readonly #hands: EngineHands<E>;
  /** Blocks to be judged; true for one that trails. */
  readonly #unjudged = new Map<Digest, boolean>();
  #cancelWake: Cancel = () => undefined;
  #isStopped = false;

  constructor(
    parts: EpochParts,
    engine: PureEngine<E>,
    handsFor: (tools: RunTools) => EngineHands<E>,
    undecidedMax?: number,
  ) {
    const { decided, host, journal, queue, rules, terms, world } = parts;
    this.#parts = parts;
    this.#engine = engine;
    this.terms = terms;
    this.order = new SendingOrder(world.logger);
    this.certificates = new EpochCertificates(journal);
    this.blocks = new EpochBlocks(rules, queue, () => decided.state, undecidedMax);
    this.votes = new EpochVotes({
      ...parts,
      onVote: (cast) => void this.feed((nowMs) => engine.onVote(cast, nowMs)),
      onContradiction: (first, second) => host.onContradiction(first, second),
    });
    this.#hands = handsFor(this);
    this.#settle();
  }

  get engine() {
    return this.#hands.kind;
  }

  get eras() {
    return this.#hands.eras;
  }

  get mayEndEpoch(): boolean {
    return this.#hands.mayEndEpoch;
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  status(): RunStatus {
    return this.#hands.status();
  }

  certificate(view: number, kind: SimplexVote['kind']): ChainCertificate | undefined {
    return this.certificates.get(view, kind) ?? this.#hands.laterCertificate(view);
  }

  setDemand(hasWork: boolean): void {
    this.feed((nowMs) => this.#engine.setDemand(hasWork, nowMs));
  }

  setInactive(voters: ReadonlySet<number>): void {
    this.#engine.setInactive(voters);
  }

  observeUntil(view: number): void {
    this.#engine.observeUntil(view);
  }

  retry(): void {
    this.votes.retry();
    for (const [id, isTrailing] of [...this.#unjudged]) void this.#judge(id, isTrailing);
    this.#hands.retry();
  }

  async takeVote(held: HeldVote<SimplexVote>): Promise<Verdict> {
    const early = await this.#hands.takeEarly(held);
    return early ?? this.votes.take(held, this.status().view);
  }

  takeBlock(read: ReadBlock, frame: Uint8Array | undefined): Verdict {
    const header = blockHeader(read, this.terms);
    if (!header.ok) return header.refusal;
    if (this.blocks.get(read.id) !== undefined) {
      return refusal('duplicate', 'this block was heard before');
    }
    const known = this.blocks.add(read, header.value, frame);
    const outcome = this.feed((nowMs) => this.#engine.onBlock(known.header, nowMs));
    if (outcome !== 'accepted' && outcome !== 'duplicate') this.blocks.drop(read.id);
    return verdictOn(outcome, `block ${read.id} of view ${read.block.view}`);
  }

  async takeCertificate(certificate: ChainCertificate): Promise<Verdict> {
    const claims = certificateClaims(this.terms, certificate);
    if (!claims.ok) return claims.refusal;
    const signed = certificateOf(certificate);
    if (!this.#engine.lacks(signed.vote)) return refusal('duplicate', 'it is known');
    const answer = await this.#parts.queue.checkAll(claims.value);
    if (answer === 'busy') return refusal('busy', 'too many signatures wait to be verified');
    if (answer === 'false') return refusal('bad-signature', 'a certificate');
    const outcome = this.feed((nowMs) => this.#engine.onCertificate(signed, nowMs));
    return verdictOn(outcome, `certificate of view ${signed.vote.view}`);
  }

  restore(blocks: readonly ReadBlock[], certificates: readonly ChainCertificate[]): void {
    for (const read of blocks) {
      const header = blockHeader(read, this.terms);
      if (!header.ok || header.value.height <= this.#parts.decided.state.tip.height) continue;
      this.blocks.add(read, header.value, undefined);
      this.feed((nowMs) => this.#engine.onBlock(header.value, nowMs));
    }
    for (const certificate of certificates) {
      const signed = certificateOf(certificate);
      this.feed((nowMs) => this.#engine.onCertificate(signed, nowMs));
    }
    this.feed((nowMs) => this.#engine.onTick(nowMs));
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancelWake();
  }

  feed<T>(action: (nowMs: number) => T): T {
    const result = action(this.#parts.world.clock.monotonicMs());
    this.#settle();
    return result;
  }

  #settle(): void {
    while (!this.#isStopped && this.#engine.hasEffects) {
      for (const effect of this.#engine.takeEffects()) this.#carryOut(effect);
    }
  }

  #carryOut(effect: E): void {
    const asked: EngineEffect = effect;
    const { host } = this.#parts;
    switch (asked.kind) {
      case 'cast':
        this.#say(asked.vote);
        break;
      case 'judge':
        void this.#judge(asked.block.id, 'isTrailing' in asked && asked.isTrailing);
        break;
      case 'certified':
        this.#certified(asked.certificate);
        break;
      case 'fetch-block':
        this.#fetchBlock(asked.id);
        break;
      case 'fetch-certificate':
        host.fetch.certificate(asked.view, asked.want);
        break;
      case 'evidence':
        host.onContradiction(this.votes.frameOf(asked.first), this.votes.frameOf(asked.second));
        break;
      case 'conflicting-proposals':
        this.#conflicting(asked.first.id, asked.second.id);
        break;
      case 'repeat':
        this.#repeat(asked.votes);
        break;
      case 'twin':
        host.onTwin(this.votes.frameOf(asked.cast));
        break;
      case 'forked':
        host.onForked();
        break;
      case 'wake':
        this.#wake(asked.atMs);
        break;
      default:
        this.#hands.carryOut(effect as OwnEffect<E>);
    }
    if (asked.kind === 'decided' || asked.kind === 'rejected') this.#forgetJudging();
  }

  #wake(atMs: number): void {
    const { clock } = this.#parts.world;
    this.#cancelWake();
    this.#cancelWake = clock.after(Math.max(0, atMs - clock.monotonicMs()), () => {
      this.feed((nowMs) => this.#engine.onTick(nowMs));
    });
  }

  /** Written at once, with whatever else this turn writes; said in order, once it is on the disk. */
  #say(vote: SimplexVote): void {
    const { host, self } = this.#parts;
    if (self === undefined) return;
    const known = vote.kind === 'notarize' ? this.blocks.get(vote.block) : undefined;
    if (known !== undefined) this.certificates.keepBlock(known.read);
    const written = this.votes.cast(vote);
    this.order.say(async () => {
      const ballot = await written;
      if (ballot === undefined || this.#isStopped) return;
      // A leader's proposal leaves after the vote for it is written: it proposes once in a view.
      const own = this.#ownProposal(vote);
      if (own !== undefined) await host.publish(own);
      this.votes.count(self, ballot);
      await host.publish(ballot.frame);
    });
  }

  async #judge(id: Digest, isTrailing: boolean): Promise<void> {
    this.#unjudged.set(id, isTrailing);
    const judged = await this.blocks.judge(id);
    if (this.#isStopped || !this.#unjudged.has(id)) return;
    if (!judged.ok && judged.refusal.reason === 'busy') return;
    this.#unjudged.delete(id);
    const known = this.blocks.get(id);
    const isWanted =
      judged.ok && known !== undefined && this.#hands.isWanted(known.read, isTrailing);
    const outcome = judged.ok ? (isWanted ? 'valid' : 'not-preferred') : judged.refusal.reason;
    const { logger, meter } = this.#parts.world;
    meter.count('starling_peer_chain_blocks_total', 1, { outcome });
    if (!judged.ok) logger.warn('a block is not valid', { id, detail: judged.refusal.detail });
    this.feed((nowMs) => this.#engine.onJudged(id, isWanted, nowMs));
  }

  #fetchBlock(id: Digest): void {
    const known = this.blocks.get(id);
    if (known === undefined) this.#parts.host.fetch.block(id);
    else this.feed((nowMs) => this.#engine.onBlock(known.header, nowMs));
  }

  #certified(certificate: SignedCertificate): void {
    const { vote } = certificate;
    if (vote.kind !== 'nullify') this.blocks.certified(vote.block);
    this.votes.close(vote);
    const wire = wireCertificate(this.terms, certificate);
    this.certificates.keep(wire);
    this.#parts.host.onCertified(wire, this.terms);
  }

  #forgetJudging(): void {
    for (const id of this.#unjudged.keys()) {
      if (this.blocks.get(id) === undefined) this.#unjudged.delete(id);
    }
  }

  #repeat(votes: readonly SimplexVote[]): void {
    const { host } = this.#parts;
    for (const vote of votes) {
      const ballot = this.votes.ballotOf(vote);
      if (ballot === undefined) continue;
      const own = this.#ownProposal(vote);
      if (own !== undefined) void host.publish(own);
      void host.publish(ballot.frame);
    }
    host.onRepeat();
  }

  /** The frame of what this vote is for, where this member proposed it. */
  #ownProposal(vote: SimplexVote): Uint8Array | undefined {
    if (vote.kind !== 'notarize') return undefined;
    const { leader, frame } = this.#hands.proposal(vote.block) ?? {};
    return leader === this.#parts.self ? frame : undefined;
  }

  #conflicting(first: Digest, second: Digest): void {
    const [a, b] = [first, second].map((id) => this.#hands.proposal(id)?.frame);
    if (a !== undefined && b !== undefined) this.#parts.host.onContradiction(a, b);
  }
}
