// An honest member in a simulated cluster: a replica, what it wrote down, and how it answers. It does
// with every effect what the driver of a site does.

import type { Digest } from '@starling/shared';
import type { SimplexConfig } from '../../simplex/config.ts';
import type { SimplexEffect } from '../../simplex/effect.ts';
import { SimplexReplica } from '../../simplex/replica.ts';
import type { BlockHeader, CastVote, SimplexVote } from '../../simplex/vote.ts';
import type { Certificate, CertificateQuery, Message, NoProof, Status } from './message.ts';
import { NodeStore } from './node-store.ts';
import { blockOn } from './simulated-block.ts';
import type { MessageLevelSpec } from './spec.ts';

/** How a node reaches the others. */
export interface Mail {
  broadcast(message: Message): void;
  send(message: Message, to: number): void;
  plan(atMs: number, node: number, message: Message): void;
  /** An integer below `count`. */
  below(count: number): number;
}

/** Whatever stands at a member's place. */
export interface SimulatedNode {
  start(nowMs: number): void;
  receive(message: Message, nowMs: number): void;
}

/** Peers that are asked for something missing, besides asking again. */
const ASKED_PEERS = 2;
const OFFER_AGAIN_MS = 500;
/** How often an idle node says how far it is. */
const IDLE_STATUS_MS = 5000;

type Effect = SimplexEffect<NoProof>;

export class SimplexNode implements SimulatedNode {
  readonly index: number;
  readonly store: NodeStore;
  /** What a contradiction by some voter proved. */
  evidence = 0;
  readonly #config: SimplexConfig;
  readonly #spec: MessageLevelSpec;
  readonly #mail: Mail;
  /** What it proposes for the first height, if it does. */
  readonly #candidate: number | undefined;
  readonly #candidates = new Set<number>();
  #replica: SimplexReplica<NoProof>;
  #isUp = true;
  #life = 0;
  #wake = 0;
  #hasDemand = false;
  #unflushed: Effect[] = [];

  constructor(
    config: SimplexConfig & { readonly self: number },
    spec: MessageLevelSpec,
    { mail, candidate }: { readonly mail: Mail; readonly candidate: number | undefined },
  ) {
    this.index = config.self;
    this.#config = config;
    this.#spec = spec;
    this.#mail = mail;
    this.#candidate = candidate;
    this.store = new NodeStore(config.root);
    this.#replica = new SimplexReplica(config);
  }

  get decidedHeight(): number {
    return this.store.decided.height;
  }

  start(nowMs: number): void {
    this.#sayStatus(nowMs);
    if (this.#candidate === undefined) return;
    this.#candidates.add(this.#candidate);
    this.#offer(nowMs);
  }

  receive(message: Message, nowMs: number): void {
    if (!this.#isUp) {
      if (message.kind === 'restart') this.#restart(nowMs);
      return;
    }
    if (message.kind === 'vote') this.#replica.onVote(message.body, nowMs);
    else this.#handle(message, nowMs);
    if (this.#replica.hasEffects) this.#perform(nowMs);
  }

  #handle(message: Message, nowMs: number): void {
    const { kind, from } = message;
    if (kind === 'block') {
      this.store.keepBlock(message.body);
      this.#replica.onBlock(message.body, nowMs);
    } else if (kind === 'certificate') this.#replica.onCertificate(message.body, nowMs);
    else if (kind === 'status') this.#onStatus(message.body, from);
    else if (kind === 'fetch-block') this.#serveBlock(message.body, from);
    else if (kind === 'fetch-certificate') this.#serveCertificate(message.body, from);
    else if (kind === 'candidate') {
      this.#candidates.add(message.body);
      this.#reconsiderDemand(nowMs);
    } else if (kind === 'crash') this.#crash();
    else if (from !== this.#life && kind !== 'wake') return;
    else if (kind === 'wake' && from === this.#wake) this.#replica.onTick(nowMs);
    else if (kind === 'flush') this.#flush(nowMs);
    else if (kind === 'offer') this.#offer(nowMs);
    else if (kind === 'idle-status') this.#sayStatus(nowMs);
  }

  #perform(nowMs: number): void {
    while (this.#replica.hasEffects) {
      for (const effect of this.#replica.takeEffects()) this.#do(effect, nowMs);
      this.#reconsiderDemand(nowMs);
    }
  }

  #do(effect: Effect, nowMs: number): void {
    const { kind } = effect;
    if (kind === 'cast' || kind === 'certified') this.#write(effect, nowMs);
    else if (kind === 'propose') this.#propose(effect.view, effect.parent, nowMs);
    else if (kind === 'judge')
      this.#replica.onJudged(effect.block.id, isValid(effect.block), nowMs);
    else if (kind === 'fetch-block') {
      this.#ask({ kind, from: this.index, body: effect.id }, effect.holder);
    } else if (kind === 'fetch-certificate') {
      const body = { view: effect.view, want: effect.want };
      this.#ask({ kind, from: this.index, body }, effect.holder);
    } else if (kind === 'decided') this.store.decide(effect.blocks, effect.certificate, nowMs);
    else if (kind === 'repeat') this.#repeat(effect.votes);
    else if (kind === 'wake') {
      this.#wake += 1;
      this.#mail.plan(effect.atMs, this.index, { kind, from: this.#wake, body: undefined });
    } else if (kind === 'evidence' || kind === 'conflicting-proposals') this.evidence += 1;
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
      if (effect.kind === 'cast') this.store.journal.push(effect.vote);
      else if (effect.kind === 'certified') this.store.keepCertificate(effect.certificate);
    }
    for (const effect of written) if (effect.kind === 'cast') this.#castOut(effect.vote, nowMs);
  }

  #castOut(vote: SimplexVote, nowMs: number): void {
    const from = this.index;
    const block = vote.kind === 'notarize' ? this.store.blockOf(vote.block) : undefined;
    if (block?.leader === from) this.#mail.broadcast({ kind: 'block', from, body: block });
    const body: CastVote<NoProof> = { voter: from, vote, proof: undefined };
    this.#mail.broadcast({ kind: 'vote', from, body });
    this.#replica.onVote(body, nowMs);
  }

  #propose(view: number, parent: BlockHeader, nowMs: number): void {
    const choice = parent.height === 0 ? Math.min(...this.#candidates) : parent.height;
    const block = blockOn(parent, { view, leader: this.index, content: `${choice}` });
    this.store.keepBlock(block);
    this.#replica.onBlock(block, nowMs);
  }

  #repeat(votes: readonly SimplexVote[]): void {
    const from = this.index;
    for (const vote of votes) {
      if (!this.store.isWritten(vote)) continue;
      this.#mail.broadcast({ kind: 'vote', from, body: { voter: from, vote, proof: undefined } });
    }
    this.#mail.broadcast({ kind: 'status', from, body: this.#status() });
  }

  /** Now and from time to time, so that one that slept through a decision hears of it. */
  #sayStatus(nowMs: number): void {
    if (this.#replica.status().isIdle && nowMs > 0) {
      this.#mail.broadcast({ kind: 'status', from: this.index, body: this.#status() });
    }
    const again = { kind: 'idle-status', from: this.#life, body: undefined } as const;
    this.#mail.plan(nowMs + IDLE_STATUS_MS, this.index, again);
  }

  #status(): Status {
    const { best, finalization, decided } = this.#replica.status();
    return { decidedView: decided.view, best: best?.vote, finalized: finalization?.vote };
  }

  #onStatus({ decidedView, best, finalized }: Status, from: number): void {
    for (const vote of [finalized, best]) {
      if (vote === undefined || !this.#replica.lacks(vote)) continue;
      const want = vote.kind === 'nullify' ? 'nullification' : 'notarization';
      const body = { view: vote.view, want } as const;
      this.#mail.send({ kind: 'fetch-certificate', from: this.index, body }, from);
    }
    const own = this.store.finalization;
    if (own !== undefined && own.vote.view > decidedView) this.#sendCertificate(own, from);
    const { best: ownBest, isIdle } = this.#replica.status();
    if (isIdle && (ownBest?.vote.view ?? 0) > (best?.view ?? 0)) {
      this.#mail.send({ kind: 'status', from: this.index, body: this.#status() }, from);
    }
  }

  #serveBlock(id: Digest, to: number): void {
    const block = this.store.blockOf(id);
    if (block !== undefined) this.#mail.send({ kind: 'block', from: this.index, body: block }, to);
  }

  #serveCertificate(query: CertificateQuery, to: number): void {
    for (const certificate of this.store.answer(query)) this.#sendCertificate(certificate, to);
  }

  #sendCertificate(body: Certificate, to: number): void {
    this.#mail.send({ kind: 'certificate', from: this.index, body }, to);
  }

  #ask(message: Message, holder: number | undefined): void {
    for (let i = 0; i < ASKED_PEERS; i++) {
      const to = (i === 0 ? holder : undefined) ?? this.#mail.below(this.#spec.members);
      if (to !== this.index) this.#mail.send(message, to);
    }
  }

  #offer(nowMs: number): void {
    if (this.#candidate === undefined || this.decidedHeight > 0) return;
    this.#mail.broadcast({ kind: 'candidate', from: this.index, body: this.#candidate });
    const again = { kind: 'offer', from: this.#life, body: undefined } as const;
    this.#mail.plan(nowMs + OFFER_AGAIN_MS, this.index, again);
    this.#reconsiderDemand(nowMs);
  }

  #reconsiderDemand(nowMs: number): void {
    const { tip, decided } = this.#replica.status();
    const height = tip?.height ?? decided.height;
    const hasDemand = height < this.#spec.heights && (height > 0 || this.#candidates.size > 0);
    if (hasDemand === this.#hasDemand) return;
    this.#hasDemand = hasDemand;
    this.#replica.setDemand(hasDemand, nowMs);
    if (this.#replica.hasEffects) this.#perform(nowMs);
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
    const { journal, decided } = this.store;
    this.#replica = new SimplexReplica({ ...this.#config, root: decided }, journal);
    for (const block of this.store.blocks()) this.#replica.onBlock(block, nowMs);
    for (const certificate of this.store.certificates()) {
      this.#replica.onCertificate(certificate, nowMs);
    }
    this.#perform(nowMs);
    this.#sayStatus(nowMs);
    this.#offer(nowMs);
    this.#reconsiderDemand(nowMs);
  }
}

/** Byzantine leaders mark what no honest member accepts. */
function isValid({ id }: BlockHeader): boolean {
  return !id.startsWith('invalid');
}
