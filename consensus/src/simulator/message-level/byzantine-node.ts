// A Byzantine member: it follows the cluster as an observer does, and says what its tactic wants. Any
// message it sends carries its own index; forging others' is what signatures rule out.

import type { Digest } from '@starling/shared';
import type { SimplexConfig } from '../../simplex/config.ts';
import { LeaderSchedule } from '../../simplex/leader-schedule.ts';
import { SimplexReplica } from '../../simplex/replica.ts';
import type { BlockHeader, SimplexVote } from '../../simplex/vote.ts';
import type { Conspiracy } from './conspiracy.ts';
import type { Message, NoProof } from './message.ts';
import type { Mail, SimulatedNode } from './simplex-node.ts';
import { blockOn } from './simulated-block.ts';
import { ADVERSARIES, type Adversary, type MessageLevelSpec } from './spec.ts';

type Tactic = Exclude<Adversary, 'mixed' | 'twin'>;

const MIXED: readonly Tactic[] = ADVERSARIES.filter(
  (name): name is Tactic => name !== 'mixed' && name !== 'twin',
);

export class ByzantineNode implements SimulatedNode {
  readonly index: number;
  readonly #spec: MessageLevelSpec;
  readonly #mail: Mail;
  readonly #conspiracy: Conspiracy;
  readonly #leaders: LeaderSchedule;
  readonly #observer: SimplexReplica<NoProof>;
  readonly #votedIn = new Set<number>();
  #view = 0;
  #tactic: Tactic;
  #seen: BlockHeader[] = [];

  constructor(
    index: number,
    config: SimplexConfig,
    { spec, mail, conspiracy }: { spec: MessageLevelSpec; mail: Mail; conspiracy: Conspiracy },
  ) {
    this.index = index;
    this.#spec = spec;
    this.#mail = mail;
    this.#conspiracy = conspiracy;
    this.#leaders = new LeaderSchedule(config.members, config.leaderSeed);
    this.#observer = new SimplexReplica({ ...config, self: undefined });
    this.#tactic = this.#drawTactic();
    conspiracy.join((block) => this.#voteOn(block));
  }

  start(): void {
    this.#onView();
  }

  receive({ kind, from, body }: Message, nowMs: number): void {
    if (kind === 'vote') this.#observer.onVote(body, nowMs);
    else if (kind === 'certificate') this.#observer.onCertificate(body, nowMs);
    else if (kind === 'wake' && from === this.index) this.#observer.onTick(nowMs);
    else if (kind === 'block') {
      this.#observer.onBlock(body, nowMs);
      this.#voteOn(body);
    }
    if (this.#observer.hasEffects) this.#follow();
  }

  #follow(): void {
    for (const effect of this.#observer.takeEffects()) {
      const { kind } = effect;
      if (kind === 'fetch-block') this.#ask({ kind, from: this.index, body: effect.id });
      if (kind === 'fetch-certificate') this.#ask({ kind, from: this.index, body: effect });
      if (kind === 'wake') {
        this.#mail.plan(effect.atMs, this.index, { kind, from: this.index, body: undefined });
      }
    }
    this.#onView();
  }

  #onView(): void {
    const { view, leader } = this.#observer.status();
    if (view === this.#view) return;
    this.#view = view;
    this.#tactic = this.#drawTactic();
    if (leader === this.index) this.#lead(view);
    if (this.#tactic === 'nuller') this.#say({ kind: 'nullify', view }, this.#everybody());
    if (this.#tactic === 'splitter') this.#say({ kind: 'nullify', view }, this.#half(1));
  }

  #lead(view: number): void {
    const { tip, decided } = this.#observer.status();
    const tactic = this.#tactic;
    const parent = tactic === 'outdated' ? decided : (tip ?? decided);
    const first = blockOn(parent, { view, leader: this.index, content: 'a' });
    if (tactic === 'silent' || tactic === 'nuller') return;
    if (tactic === 'equivocator' || tactic === 'conflicter') {
      const content = tactic === 'conflicter' && this.#mail.below(2) === 0 ? 'invalid' : 'b';
      const second = blockOn(parent, { view, leader: this.index, content });
      const meets = tactic === 'conflicter';
      this.#show(first, meets ? this.#everybody() : this.#half(0));
      this.#show(second, meets ? this.#everybody() : this.#half(1));
      this.#conspiracy.agree(view, first, second);
    } else {
      const few = this.#half(0).slice(0, Math.ceil(this.#spec.members / 3));
      this.#show(first, tactic === 'withholder' ? few : this.#everybody());
      this.#conspiracy.agree(view, first);
    }
    this.#conspiracy.tell(first);
  }

  /** Whatever the tactic says about a view, once per view. */
  #voteOn(block: BlockHeader): void {
    const { view } = block;
    if (this.#leaders.leaderOf(view) !== block.leader || this.#votedIn.has(view)) return;
    this.#votedIn.add(view);
    const [first, second] = this.#conspiracy.agree(view, block).blocks;
    const [left, right] = [this.#half(0), this.#half(1)];
    const tactic = this.#tactic;
    if (tactic === 'equivocator') {
      this.#support(first, left);
      if (second === first) this.#say({ kind: 'nullify', view }, right);
      else this.#support(second, right);
    } else if (tactic === 'splitter') {
      this.#support(first, left);
      this.#say({ kind: 'nullify', view }, right);
    } else if (tactic === 'conflicter') {
      this.#support(first, this.#everybody());
      const bogus = second === first ? (`bogus ${view} ${this.index}` as Digest) : second.id;
      this.#support({ view, id: bogus }, this.#everybody());
      this.#say({ kind: 'nullify', view }, this.#everybody());
    } else if (tactic === 'outdated') {
      for (const old of this.#seen) this.#support(old, this.#everybody());
      this.#seen = [...this.#seen.slice(-3), block];
    } else if (tactic === 'withholder') {
      this.#say({ kind: 'notarize', view, block: first.id }, left);
    } else if (tactic === 'nuller') {
      this.#say({ kind: 'finalize', view, block: first.id }, this.#everybody());
    }
  }

  #support({ view, id }: Pick<BlockHeader, 'view' | 'id'>, among: readonly number[]): void {
    this.#say({ kind: 'notarize', view, block: id }, among);
    this.#say({ kind: 'finalize', view, block: id }, among);
  }

  #say(vote: SimplexVote, among: readonly number[]): void {
    const body = { voter: this.index, vote, proof: undefined };
    for (const to of among) this.#mail.send({ kind: 'vote', from: this.index, body }, to);
  }

  #show(body: BlockHeader, among: readonly number[]): void {
    for (const to of among) this.#mail.send({ kind: 'block', from: this.index, body }, to);
  }

  #ask(message: Message): void {
    const to = this.#mail.below(this.#spec.members);
    if (!this.#conspiracy.members.has(to)) this.#mail.send(message, to);
  }

  #everybody(): readonly number[] {
    return this.#conspiracy.others;
  }

  #half(half: 0 | 1): readonly number[] {
    return this.#conspiracy.halves[half];
  }

  #drawTactic(): Tactic {
    const { adversary } = this.#spec;
    if (adversary === 'twin') return 'silent';
    if (adversary !== 'mixed') return adversary;
    return MIXED[this.#mail.below(MIXED.length)] ?? 'silent';
  }
}
