// An honest member of a simulated snow chain: a replica, what it wrote down, and how it answers. It
// does with every effect what the driver of a site does.

import type { FrostyEffect } from '../../frosty/effect.ts';
import type { FrostyConfig } from '../../frosty/frosty-config.ts';
import { FrostyReplica } from '../../frosty/frosty-replica.ts';
import type { CastStart } from '../../frosty/stall-book.ts';
import type { BlockHeader, SimplexVote } from '../../simplex/vote.ts';
import type { Message, NoProof, PollQuery } from './message.ts';
import type { Mail, SimulatedNode } from './simplex-node.ts';
import { isEmptyBlock, openingOn, snowBlockOn } from './snow-block.ts';
import type { SnowChainSpec } from './snow-chain-spec.ts';
import { SnowNeighbours, statusOf } from './snow-neighbours.ts';
import { SnowStore } from './snow-store.ts';

/** How often a member says how far it is. */
const STATUS_MS = 5000;

type Effect = FrostyEffect<NoProof>;

export class SnowNode implements SimulatedNode {
  readonly index: number;
  readonly store: SnowStore;
  /** What a contradiction by some member proved. */
  evidence = 0;
  /** Certificates that contradict what was decided here. */
  forks = 0;
  readonly #config: FrostyConfig;
  readonly #spec: SnowChainSpec;
  readonly #mail: Mail;
  readonly #neighbours: SnowNeighbours;
  #replica: FrostyReplica<NoProof>;
  #isUp = true;
  #life = 0;
  #wake = 0;
  #hasDemand = false;
  #unflushed: Effect[] = [];

  constructor(config: FrostyConfig & { readonly self: number }, spec: SnowChainSpec, mail: Mail) {
    this.index = config.self;
    this.#config = config;
    this.#spec = spec;
    this.#mail = mail;
    this.store = new SnowStore(config.root);
    this.#neighbours = new SnowNeighbours(this.index, spec.members, { mail, store: this.store });
    this.#replica = new FrostyReplica(config);
  }

  get decidedHeight(): number {
    return this.store.chain.decided.height;
  }

  start(nowMs: number): void {
    this.#sayStatus(nowMs);
    this.#reconsiderDemand(nowMs);
    this.#perform(nowMs);
  }

  receive(message: Message, nowMs: number): void {
    if (!this.#isUp) {
      if (message.kind === 'restart') this.#restart(nowMs);
      return;
    }
    this.#handle(message, nowMs);
    if (this.#replica.hasEffects) this.#perform(nowMs);
  }

  #handle(message: Message, nowMs: number): void {
    const { kind, from, body } = message;
    const replica = this.#replica;
    if (kind === 'query') this.#answer(body, from);
    else if (kind === 'chit') {
      if (body.chit === undefined) replica.onSilence(body.pollId, from, nowMs);
      else replica.onChit(body.pollId, from, body.chit, nowMs);
    } else if (kind === 'vote') replica.onVote(body, nowMs);
    else if (kind === 'block') {
      this.store.chain.keepBlock(body);
      replica.onBlock(body, nowMs);
    } else if (kind === 'certificate') replica.onCertificate(body, nowMs);
    else if (kind === 'statement') replica.onStatement(body, nowMs);
    else if (kind === 'opening') {
      this.store.openings.set(body.header.id, body);
      replica.onOpening(body, nowMs);
    } else if (kind === 'opened') replica.onDecidedOpening(body, nowMs);
    else if (kind === 'era-status') this.#neighbours.onStatus(body, from, this.#replica);
    else if (kind === 'crash') this.#crash();
    else if (kind === 'wake') {
      if (from === this.#wake) replica.onTick(nowMs);
    } else if (kind === 'flush') {
      if (from === this.#life) this.#flush(nowMs);
    } else if (kind === 'idle-status') {
      if (from === this.#life) this.#sayStatus(nowMs);
    } else this.#neighbours.serve(message);
  }

  #perform(nowMs: number): void {
    while (this.#replica.hasEffects) {
      for (const effect of this.#replica.takeEffects()) this.#do(effect, nowMs);
      this.#reconsiderDemand(nowMs);
    }
  }

  #do(effect: Effect, nowMs: number): void {
    const { kind } = effect;
    const from = this.index;
    if (kind === 'cast' || kind === 'certified' || kind === 'state') this.#write(effect, nowMs);
    else if (kind === 'poll') {
      const { pollId, era, height, peers } = effect;
      const body = { pollId, era, height };
      for (const to of peers) this.#mail.send({ kind: 'query', from, body }, to);
    } else if (kind === 'propose') this.#propose(effect, nowMs);
    else if (kind === 'propose-opening') this.#open(effect, nowMs);
    else if (kind === 'judge') {
      const isValid = effect.isTrailing === isEmptyBlock(effect.block);
      this.#replica.onJudged(effect.block.id, isValid, nowMs);
    } else if (kind === 'fetch-block') this.#fetchBlock(effect, nowMs);
    else if (kind === 'fetch-opening')
      this.#neighbours.ask({ kind, from, body: effect.id }, effect.holder);
    else if (kind === 'fetch-era')
      this.#neighbours.ask({ kind, from, body: effect.era }, undefined);
    else if (kind === 'fetch-certificate') {
      this.#neighbours.ask(
        { kind, from, body: { view: effect.view, want: effect.want } },
        effect.holder,
      );
    } else if (kind === 'decided') {
      const { finality } = effect;
      const certificate = finality.kind === 'certificate' ? finality.certificate : undefined;
      this.store.chain.decide(effect.blocks, certificate, nowMs);
    } else if (kind === 'opened') this.store.open(effect.era, effect.opening);
    else if (kind === 'entered') this.store.enter(effect.era);
    else if (kind === 'repeat') this.#repeat(effect.votes);
    else if (kind === 'repeat-statement') this.#repeatStatement(effect);
    else if (kind === 'wake') {
      this.#wake += 1;
      this.#mail.plan(effect.atMs, from, { kind, from: this.#wake, body: undefined });
    } else if (kind === 'forked') this.forks += 1;
    else if (kind !== 'rejected') this.evidence += 1;
  }

  #answer({ pollId, era, height }: PollQuery, to: number): void {
    const chit = this.#replica.chitAt(era, height);
    this.#mail.send({ kind: 'chit', from: this.index, body: { pollId, chit } }, to);
  }

  #write(effect: Effect, nowMs: number): void {
    this.#unflushed.push(effect);
    if (this.#spec.flushMs === 0) this.#flush(nowMs);
    else if (this.#unflushed.length === 1) {
      const flush = { kind: 'flush', from: this.#life, body: undefined } as const;
      this.#mail.plan(nowMs + this.#spec.flushMs, this.index, flush);
    }
  }

  /** Everything of one flush is written before anything of it leaves. */
  #flush(nowMs: number): void {
    const written = this.#unflushed;
    this.#unflushed = [];
    for (const effect of written) {
      if (effect.kind === 'cast') this.store.chain.journal.push(effect.vote);
      else if (effect.kind === 'certified') this.store.chain.keepCertificate(effect.certificate);
      else if (effect.kind === 'state') this.store.writeStatement(effect.statement);
    }
    for (const effect of written) {
      if (effect.kind === 'cast') this.#castOut(effect.vote, nowMs);
      else if (effect.kind === 'state') {
        const body = { voter: this.index, statement: effect.statement, proof: undefined };
        this.#mail.broadcast({ kind: 'statement', from: this.index, body });
        this.#replica.onStatement(body, nowMs);
      }
    }
  }

  #castOut(vote: SimplexVote, nowMs: number): void {
    const from = this.index;
    if (vote.kind === 'notarize') {
      const block = this.store.chain.blockOf(vote.block);
      const opening = this.store.openings.get(vote.block);
      if (block?.leader === from) this.#mail.broadcast({ kind: 'block', from, body: block });
      if (opening?.header.leader === from) {
        this.#mail.broadcast({ kind: 'opening', from, body: opening });
      }
    }
    const body = { voter: from, vote, proof: undefined };
    this.#mail.broadcast({ kind: 'vote', from, body });
    this.#replica.onVote(body, nowMs);
  }

  #propose(
    { view, parent, isTrailing }: { view: number; parent: BlockHeader; isTrailing: boolean },
    nowMs: number,
  ): void {
    const content = isTrailing ? '' : `${parent.height}`;
    const made = snowBlockOn(parent, { view, leader: this.index, content });
    const block = this.store.proposeOnce(made);
    this.#replica.onBlock(block, nowMs);
    // Without a vote to go with it, a block of an even era leaves at once.
    const isPolled = this.#replica.status().period.kind === 'polls';
    if (isPolled) this.#mail.broadcast({ kind: 'block', from: this.index, body: block });
  }

  #open(
    effect: { view: number; parent: BlockHeader; starts: readonly CastStart<NoProof>[] },
    nowMs: number,
  ): void {
    const { view, parent, starts } = effect;
    const header = openingOn(parent, { view, leader: this.index, starts });
    this.store.openings.set(header.id, { header, starts });
    this.#replica.onOpening({ header, starts }, nowMs);
  }

  #fetchBlock({ id, holder }: Effect & { kind: 'fetch-block' }, nowMs: number): void {
    const known = this.store.chain.blockOf(id);
    if (known !== undefined) this.#replica.onBlock(known, nowMs);
    else this.#neighbours.ask({ kind: 'fetch-block', from: this.index, body: id }, holder);
  }

  #repeat(votes: readonly SimplexVote[]): void {
    const from = this.index;
    for (const vote of votes) {
      if (!this.store.chain.isWritten(vote)) continue;
      this.#mail.broadcast({ kind: 'vote', from, body: { voter: from, vote, proof: undefined } });
    }
    this.#mail.broadcast({ kind: 'era-status', from, body: statusOf(this.#replica) });
  }

  #repeatStatement({ statement }: Effect & { kind: 'repeat-statement' }): void {
    if (!this.store.isWritten(statement)) return;
    const body = { voter: this.index, statement, proof: undefined };
    this.#mail.broadcast({ kind: 'statement', from: this.index, body });
    this.#mail.broadcast({ kind: 'era-status', from: this.index, body: statusOf(this.#replica) });
  }

  /** From time to time, so that one that slept through something hears of it. */
  #sayStatus(nowMs: number): void {
    if (nowMs > 0) {
      this.#mail.broadcast({ kind: 'era-status', from: this.index, body: statusOf(this.#replica) });
    }
    const again = { kind: 'idle-status', from: this.#life, body: undefined } as const;
    this.#mail.plan(nowMs + STATUS_MS, this.index, again);
  }

  #reconsiderDemand(nowMs: number): void {
    const hasDemand = this.#replica.status().tip.height < this.#spec.heights;
    if (hasDemand === this.#hasDemand) return;
    this.#hasDemand = hasDemand;
    this.#replica.setDemand(hasDemand, nowMs);
  }

  #crash(): void {
    this.#isUp = false;
    this.#life += 1;
    this.#unflushed = [];
  }

  #restart(nowMs: number): void {
    this.#isUp = true;
    this.#wake += 1;
    this.#hasDemand = false;
    const { chain, journal } = this.store;
    this.#replica = new FrostyReplica({ ...this.#config, root: chain.decided }, journal);
    for (const block of chain.blocks()) this.#replica.onBlock(block, nowMs);
    for (const certificate of chain.certificates()) this.#replica.onCertificate(certificate, nowMs);
    this.#replica.onTick(nowMs);
    this.#reconsiderDemand(nowMs);
    this.#perform(nowMs);
    this.#sayStatus(nowMs);
  }
}
