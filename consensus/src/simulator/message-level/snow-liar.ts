// A Byzantine member of a simulated snow chain: it follows as an observer does, and says what its
// tactic wants. What it sends carries its own index; forging others' is what signatures rule out.

import type { Digest } from '@starling/shared';
import { periodOf } from '../../frosty/era.ts';
import type { FrostyConfig } from '../../frosty/frosty-config.ts';
import { FrostyReplica } from '../../frosty/frosty-replica.ts';
import { openingRoot } from '../../frosty/opening.ts';
import type { CastStart } from '../../frosty/stall-book.ts';
import type { CastStatement, StartingVote } from '../../frosty/statement.ts';
import type { BlockHeader } from '../../simplex/vote.ts';
import type { Chit } from '../../snow/snow-effect.ts';
import type { Conspiracy } from './conspiracy.ts';
import type { Message, NoProof, PollQuery } from './message.ts';
import type { Mail, SimulatedNode } from './simplex-node.ts';
import { openingOn, snowBlockOn } from './snow-block.ts';
import type { SnowChainSpec } from './snow-chain-spec.ts';

export class SnowLiar implements SimulatedNode {
  readonly index: number;
  readonly #spec: SnowChainSpec;
  readonly #mail: Mail;
  readonly #conspiracy: Conspiracy;
  readonly #observer: FrostyReplica<NoProof>;
  /** Blocks by height and parent: the first two are the two faces. */
  readonly #faces = new Map<string, BlockHeader[]>();
  readonly #blocks = new Map<Digest, BlockHeader>();
  readonly #said = new Set<string>();
  /** Starting votes of the era that is ending. */
  #starts: CastStart<NoProof>[] = [];

  constructor(
    index: number,
    config: FrostyConfig,
    { spec, mail, conspiracy }: { spec: SnowChainSpec; mail: Mail; conspiracy: Conspiracy },
  ) {
    this.index = index;
    this.#spec = spec;
    this.#mail = mail;
    this.#conspiracy = conspiracy;
    this.#observer = new FrostyReplica({ ...config, self: undefined });
  }

  start(nowMs: number): void {
    this.#observer.setDemand(true, nowMs);
    this.#follow(nowMs);
  }

  receive(message: Message, nowMs: number): void {
    const { kind, from, body } = message;
    const observer = this.#observer;
    if (kind === 'query') this.#answer(body, from);
    else if (kind === 'block') {
      this.#see(body);
      observer.onBlock(body, nowMs);
    } else if (kind === 'chit' && body.chit !== undefined) {
      observer.onChit(body.pollId, from, body.chit, nowMs);
    } else if (kind === 'vote') {
      observer.onVote(body, nowMs);
      if (body.vote.kind === 'notarize') this.#vote(body.vote.view, body.vote.block);
    } else if (kind === 'certificate') observer.onCertificate(body, nowMs);
    else if (kind === 'statement') {
      this.#hear(body);
      observer.onStatement(body, nowMs);
    } else if (kind === 'opening') observer.onOpening(body, nowMs);
    else if (kind === 'opened') observer.onDecidedOpening(body, nowMs);
    else if (kind === 'wake' && from === this.index) observer.onTick(nowMs);
    if (observer.hasEffects) this.#follow(nowMs);
  }

  #follow(nowMs: number): void {
    const from = this.index;
    while (this.#observer.hasEffects) {
      for (const effect of this.#observer.takeEffects()) {
        const { kind } = effect;
        if (kind === 'poll') {
          const { pollId, era, height } = effect;
          const query = { kind: 'query', from, body: { pollId, era, height } } as const;
          for (const to of effect.peers) this.#mail.send(query, to);
        } else if (kind === 'judge') this.#observer.onJudged(effect.block.id, true, nowMs);
        else if (kind === 'fetch-block') this.#ask({ kind, from, body: effect.id });
        else if (kind === 'fetch-opening') this.#ask({ kind, from, body: effect.id });
        else if (kind === 'fetch-era') this.#ask({ kind, from, body: effect.era });
        else if (kind === 'wake') {
          this.#mail.plan(effect.atMs, from, { kind, from, body: undefined });
        }
      }
    }
    this.#act();
  }

  /** Once per view and era, whatever the tactic does by itself. */
  #act(): void {
    const { period, isHalted, decided, tip, view, leader } = this.#observer.status();
    if (isHalted && this.#isNew(`state ${period.era}`)) this.#state(period.era);
    if (this.#spec.adversary !== 'equivocator' || leader !== this.index || view === undefined)
      return;
    if (!this.#isNew(`lead ${view}`)) return;
    if (period.kind === 'opening') this.#openTwice(view);
    else {
      const parent = period.kind === 'polls' ? tip : decided;
      for (const face of [0, 1] as const) {
        const content = face === 0 ? 'left' : 'right';
        const block = snowBlockOn(parent, { view, leader: this.index, content });
        this.#see(block);
        this.#sendTo(face, { kind: 'block', from: this.index, body: block });
        this.#observer.onBlock(block, 0);
      }
    }
  }

  #openTwice(view: number): void {
    const { best } = this.#observer.status();
    if (best !== undefined) return;
    for (const face of [0, 1] as const) {
      const starts = this.#starts.slice(0, this.#starts.length - face);
      const root = openingRoot(periodOf(view).era);
      const header = openingOn(root, { view, leader: this.index, starts });
      this.#sendTo(face, { kind: 'opening', from: this.index, body: { header, starts } });
    }
  }

  #answer({ pollId, era, height }: PollQuery, to: number): void {
    const honest = this.#observer.status();
    const faces = this.#facesAt(height);
    const face = this.#spec.adversary === 'equivocator' ? this.#conspiracy.halfOf(to) : undefined;
    const rival = faces.find(({ id }) => id !== honest.tip.id) ?? faces[0];
    const block = face === undefined ? rival : (faces[face] ?? rival);
    const preference = block?.id ?? honest.decided.id;
    const chit: Chit = {
      preference,
      preferenceAtHeight: preference,
      lastAccepted: honest.decided.id,
    };
    const body = { pollId, chit: honest.period.era === era ? chit : undefined };
    this.#mail.send({ kind: 'chit', from: this.index, body }, to);
  }

  #hear({ voter, statement, proof }: CastStatement<NoProof>): void {
    const { era, start } = statement;
    if (start === undefined) return;
    const known = this.#starts.filter(({ statement: of }) => of.era >= era);
    if (known.some((each) => each.voter === voter)) return;
    this.#starts = [...known, { voter, statement: { era, start }, proof }];
    this.#starts.sort((a, b) => a.voter - b.voter);
  }

  /** States another preference before each half. */
  #state(era: number): void {
    const { decided } = this.#observer.status();
    for (const face of [0, 1] as const) {
      const block = this.#facesAt(decided.height + 1)[face];
      const ids = block === undefined ? [decided.id] : [decided.id, block.id];
      const start: StartingVote = {
        fromHeight: decided.height,
        ids,
        decidedHeight: decided.height,
      };
      const body = { voter: this.index, statement: { era, start }, proof: undefined };
      this.#sendTo(face, { kind: 'statement', from: this.index, body });
    }
  }

  /** For whatever each half votes for. */
  #vote(view: number, block: Digest): void {
    if (this.#spec.adversary !== 'equivocator' || !this.#isNew(`vote ${view} ${block}`)) return;
    const face = this.#isNew(`first ${view}`) ? 0 : 1;
    for (const kind of ['notarize', 'finalize'] as const) {
      const body = { voter: this.index, vote: { kind, view, block }, proof: undefined };
      this.#sendTo(face, { kind: 'vote', from: this.index, body });
    }
    const nullify = {
      voter: this.index,
      vote: { kind: 'nullify', view },
      proof: undefined,
    } as const;
    if (face === 0) this.#sendTo(1, { kind: 'vote', from: this.index, body: nullify });
  }

  #see(block: BlockHeader): void {
    if (this.#blocks.has(block.id)) return;
    this.#blocks.set(block.id, block);
    const key = `${block.height}`;
    this.#faces.set(key, [...(this.#faces.get(key) ?? []), block]);
  }

  #facesAt(height: number): readonly BlockHeader[] {
    const { decided } = this.#observer.status();
    const known = this.#faces.get(`${height}`) ?? [];
    const onDecided = known.filter(({ parent }) => parent === decided.id);
    return onDecided.length > 0 ? onDecided : known;
  }

  #isNew(what: string): boolean {
    if (this.#said.has(what)) return false;
    this.#said.add(what);
    return true;
  }

  #sendTo(face: 0 | 1, message: Message): void {
    for (const to of this.#conspiracy.halves[face]) this.#mail.send(message, to);
  }

  #ask(message: Message): void {
    const to = this.#mail.below(this.#spec.members);
    if (!this.#conspiracy.members.has(to)) this.#mail.send(message, to);
  }
}
