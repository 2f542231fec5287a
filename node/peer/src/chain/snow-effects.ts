// What the engine snow asks of a site, carried out: polls asked, votes and statements written down
// and said, blocks judged, decisions handed on.

import type { CastStatement, SimplexVote } from '@starling/consensus';
import type { Cancel, ChainCertificate, Digest } from '@starling/shared';
import { type SignedCertificate, wireCertificate } from './chain-codec.ts';
import type { EpochBlocks } from './epoch-blocks.ts';
import { EpochCertificates } from './epoch-certificates.ts';
import { EpochVotes } from './epoch-votes.ts';
import type { Effect, FedEngine, Of, Plain } from './fed-engine.ts';
import { SendingOrder } from './sending-order.ts';
import { accuse } from './snow-accusations.ts';
import { finalityOf, readOpening } from './snow-codec.ts';
import { SnowOpenings } from './snow-openings.ts';
import { SnowPolls } from './snow-polls.ts';
import { SnowProposals } from './snow-proposals.ts';
import type { SnowParts } from './snow-run.ts';
import { SnowStalls } from './snow-stalls.ts';

export class SnowEffects {
  readonly votes: EpochVotes;
  readonly openings: SnowOpenings;
  readonly #parts: SnowParts;
  readonly #blocks: EpochBlocks;
  readonly #engine: FedEngine;
  readonly #certificates: EpochCertificates;
  readonly #order: SendingOrder;
  readonly #stalls: SnowStalls;
  readonly #proposals: SnowProposals;
  readonly #polls: SnowPolls;
  readonly #unjudged = new Map<Digest, boolean>();
  #cancelWake: Cancel = () => undefined;
  #isStopped = false;

  constructor(parts: SnowParts, blocks: EpochBlocks, engine: FedEngine) {
    const { host, journal, records, self, snowJournal, terms, world } = parts;
    this.#parts = parts;
    this.#blocks = blocks;
    this.#engine = engine;
    this.#certificates = new EpochCertificates(journal);
    this.#order = new SendingOrder(world.logger);
    this.#polls = new SnowPolls({ clock: world.clock, host, terms });
    this.openings = new SnowOpenings(snowJournal, terms, records, world.logger);
    this.votes = new EpochVotes({
      ...parts,
      onVote: (cast) => void engine.feed((replica, nowMs) => replica.onVote(cast, nowMs)),
      onContradiction: (first, second) => host.onContradiction(first, second),
    });
    this.#proposals = new SnowProposals(parts, { blocks, engine, openings: this.openings });
    const stalls = {
      world,
      terms,
      journal: snowJournal,
      order: this.#order,
      self,
      publish: (frame: Uint8Array) => this.#publish(frame),
      onSaid: (cast: CastStatement<Uint8Array>) =>
        void engine.feed((replica, nowMs) => replica.onStatement(cast, nowMs)),
    };
    this.#stalls = new SnowStalls(stalls, records);
  }

  /** A certificate of this view, or a finalisation of a later one of the same or the last odd era. */
  certificate(view: number, kind: SimplexVote['kind']): ChainCertificate | undefined {
    const known = this.#certificates.get(view, kind);
    if (known !== undefined) return known;
    const last = this.openings.finalization;
    return last !== undefined && last.vote.view >= view ? last : undefined;
  }

  retry(): void {
    this.votes.retry();
    for (const [id, isTrailing] of [...this.#unjudged]) void this.#judge(id, isTrailing);
    const { period, tip } = this.#engine.status();
    const known = this.#blocks.get(tip.id);
    const frame = known?.header.leader === this.#parts.self ? known?.frame : undefined;
    // Nothing repeats a block of an even era, and one that nobody has wins no poll.
    if (period.kind === 'polls' && frame !== undefined) void this.#publish(frame);
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancelWake();
  }

  carryOut(effect: Effect): void {
    const { host } = this.#parts;
    switch (effect.kind) {
      case 'poll':
        this.#poll(effect);
        break;
      case 'cast':
        this.#say(effect.vote);
        break;
      case 'propose':
        void this.#proposals.propose(effect);
        break;
      case 'propose-opening':
        this.#proposals.open(effect);
        break;
      case 'judge':
        void this.#judge(effect.block.id, effect.isTrailing);
        break;
      case 'certified':
        this.#certified(effect.certificate);
        break;
      case 'decided':
        this.#decided(effect);
        break;
      case 'rejected':
        this.#rejected(effect.blocks);
        break;
      case 'repeat':
        this.#repeat(effect.votes);
        break;
      case 'wake':
        this.#wake(effect.atMs);
        break;
      case 'forked':
        host.onForked();
        break;
      default:
        this.#carryOutEra(effect);
    }
  }

  /** What is missing, what moves from era to era, and what some member is to blame for. */
  #carryOutEra(effect: Exclude<Effect, Of<Plain>>): void {
    const { host } = this.#parts;
    switch (effect.kind) {
      case 'fetch-block':
        this.#fetchBlock(effect.id);
        break;
      case 'fetch-opening':
        this.#fetchOpening(effect.id);
        break;
      case 'fetch-era':
        host.fetch.era();
        break;
      case 'fetch-certificate':
        host.fetch.certificate(effect.view, effect.want);
        break;
      case 'state':
        this.#stalls.say(effect.statement);
        break;
      case 'repeat-statement':
        this.#stalls.repeat(effect.statement);
        host.onRepeat();
        break;
      case 'opened':
        this.openings.open(effect.era, effect.opening);
        break;
      case 'entered':
        this.openings.enter(effect.era);
        this.#stalls.entered(effect.era);
        break;
      default:
        accuse(effect, { ...this.#parts, blocks: this.#blocks, votes: this.votes });
    }
  }

  #poll({ era, height, peers, pollId }: Of<'poll'>): void {
    this.#polls.ask({ era, height, peers }, (voter, chit) => {
      if (this.#isStopped) return;
      this.#engine.feed((replica, nowMs) => {
        if (chit === undefined) replica.onSilence(pollId, voter, nowMs);
        else replica.onChit(pollId, voter, chit, nowMs);
      });
    });
  }

  #wake(atMs: number): void {
    const { clock } = this.#parts.world;
    this.#cancelWake();
    this.#cancelWake = clock.after(Math.max(0, atMs - clock.monotonicMs()), () => {
      this.#engine.feed((replica, nowMs) => replica.onTick(nowMs));
    });
  }

  /** Written at once, with whatever else this turn writes; said in order, once it is on the disk. */
  #say(vote: SimplexVote): void {
    const { self } = this.#parts;
    if (self === undefined) return;
    const known = vote.kind === 'notarize' ? this.#blocks.get(vote.block) : undefined;
    if (known !== undefined) this.#certificates.keepBlock(known.read);
    const written = this.votes.cast(vote);
    this.#order.say(async () => {
      const ballot = await written;
      if (ballot === undefined || this.#isStopped) return;
      // A leader's proposal leaves after the vote for it is written: it proposes once in a view.
      const own = vote.kind === 'notarize' ? this.#proposals.frameOf(vote.block) : undefined;
      if (own !== undefined) await this.#publish(own);
      this.votes.count(self, ballot);
      await this.#publish(ballot.frame);
    });
  }

  async #judge(id: Digest, isTrailing: boolean): Promise<void> {
    this.#unjudged.set(id, isTrailing);
    const judged = await this.#blocks.judge(id);
    if (this.#isStopped || !this.#unjudged.has(id)) return;
    if (!judged.ok && judged.refusal.reason === 'busy') return;
    this.#unjudged.delete(id);
    const { logger, meter } = this.#parts.world;
    const outcome = judged.ok ? 'valid' : judged.refusal.reason;
    meter.count('starling_peer_chain_blocks_total', 1, { outcome });
    if (!judged.ok) logger.warn('a block is not valid', { id, detail: judged.refusal.detail });
    const isEmpty = this.#blocks.get(id)?.read.block.entries.length === 0;
    const isValid = judged.ok && (isEmpty || !isTrailing);
    this.#engine.feed((replica, nowMs) => replica.onJudged(id, isValid, nowMs));
  }

  #fetchBlock(id: Digest): void {
    const known = this.#blocks.get(id);
    if (known === undefined) this.#parts.host.fetch.block(id);
    else this.#engine.feed((replica, nowMs) => replica.onBlock(known.header, nowMs));
  }

  #fetchOpening(id: Digest): void {
    const { host, terms } = this.#parts;
    const held = this.openings.get(id);
    const read = held === undefined ? undefined : readOpening(held.body, terms);
    if (read?.ok !== true) host.fetch.opening(id);
    else this.#engine.feed((replica, nowMs) => replica.onOpening(read.value, nowMs));
  }

  #certified(certificate: SignedCertificate): void {
    const { host, terms } = this.#parts;
    const { vote } = certificate;
    if (vote.kind !== 'nullify') this.#blocks.certified(vote.block);
    this.votes.close(vote);
    const wire = wireCertificate(terms, certificate);
    this.#certificates.keep(wire);
    host.onCertified(wire, terms);
  }

  #decided({ blocks: ids, finality, trailing }: Of<'decided'>): void {
    const { host, terms } = this.#parts;
    const blocks = ids.flatMap((id) => this.#blocks.get(id)?.read ?? []);
    const last = blocks.at(-1);
    if (last === undefined || blocks.length !== ids.length) {
      host.onForked();
      return;
    }
    const { polled, wire } = finalityOf(finality, terms);
    if (wire !== null) {
      this.votes.decided(wire.vote.view);
      this.#certificates.decided(wire.vote.view);
      this.openings.finalised(wire);
    }
    // That of an opening, or of a trailing block, is for none of these.
    const isShown = trailing.length === 0 && wire?.vote.block === last.id;
    const { view } = last.block;
    host.onDecided({ blocks, certificate: isShown ? wire : null, polled, view });
    this.#blocks.decided(view);
    for (const id of ids) this.#unjudged.delete(id);
    // So that one that missed the block hears of it: polls are not repeated once they are over.
    if (polled !== null) host.onRepeat();
  }

  #rejected(ids: readonly Digest[]): void {
    for (const id of ids) {
      this.#blocks.drop(id);
      this.#unjudged.delete(id);
    }
  }

  #repeat(votes: readonly SimplexVote[]): void {
    for (const vote of votes) {
      const ballot = this.votes.ballotOf(vote);
      if (ballot === undefined) continue;
      const own = vote.kind === 'notarize' ? this.#proposals.frameOf(vote.block) : undefined;
      if (own !== undefined) void this.#publish(own);
      void this.#publish(ballot.frame);
    }
    this.#parts.host.onRepeat();
  }

  #publish(frame: Uint8Array): Promise<void> {
    return this.#parts.host.publish(frame);
  }
}
