// A handful of replicas in one place that hear each other at once, for tests: what a caller must do
// with every effect, one millisecond per hop.

import type { Digest } from '@starling/shared';
import type { SimplexConfig } from './config.ts';
import type { SimplexEffect, VoteOutcome } from './effect.ts';
import { SimplexReplica } from './replica.ts';
import type { BlockHeader, CastVote, QuorumCertificate, SimplexVote } from './vote.ts';

export const ROOT: BlockHeader = Object.freeze({
  id: 'root' as Digest,
  view: 0,
  height: 0,
  parent: 'none' as Digest,
  parentView: 0,
  leader: 0,
});

const HOP_MS = 1;

export interface LockstepNode {
  /** Members come first; observers have indices beyond them. */
  readonly index: number;
  replica: SimplexReplica<string>;
  readonly journal: SimplexVote[];
  readonly certificates: QuorumCertificate<string>[];
  readonly decided: Digest[];
  readonly evidence: SimplexEffect<string>[];
  isUp: boolean;
  wakeMs: number | undefined;
}

/** Members that hear everything, unless `hears` says that one does not hear another. */
export class Lockstep {
  readonly nodes: LockstepNode[] = [];
  readonly blocks = new Map<Digest, BlockHeader>();
  readonly effects: { readonly index: number; readonly effect: SimplexEffect<string> }[] = [];
  hears: (listener: number, speaker: number) => boolean = () => true;
  isValid: (block: BlockHeader, judge: number) => boolean = () => true;
  nowMs = 0;
  messages = 0;
  readonly #config: Omit<SimplexConfig, 'self'>;
  readonly #queue: (() => void)[] = [];

  constructor(members: number, config: Partial<SimplexConfig> = {}, observers = 0) {
    this.#config = { members, leaderSeed: 1, root: ROOT, ...config };
    for (let index = 0; index < members + observers; index++) this.nodes.push(this.#node(index));
  }

  node(index: number): LockstepNode {
    const node = this.nodes[index];
    if (node === undefined) throw new RangeError(`no node ${index}`);
    return node;
  }

  setDemand(hasWork: boolean, among: readonly LockstepNode[] = this.nodes): void {
    for (const node of among) node.replica.setDemand(hasWork, this.nowMs);
    for (const node of among) this.#perform(node);
  }

  /** Hands something to a replica and does what it asks for. */
  tell<T>(index: number, action: (replica: SimplexReplica<string>) => T): T {
    const node = this.node(index);
    const result = action(node.replica);
    this.#perform(node);
    return result;
  }

  /** Runs until everybody that is up decided `height`: true. Nothing left to do or no time: false. */
  run(height: number, untilMs = 600_000): boolean {
    for (;;) {
      const up = this.nodes.filter(({ isUp }) => isUp);
      if (up.every(({ replica }) => replica.status().decided.height >= height)) return true;
      const jobs = this.#queue.splice(0);
      const next = Math.min(...up.map(({ wakeMs }) => wakeMs ?? Number.POSITIVE_INFINITY));
      const atMs = jobs.length > 0 ? this.nowMs + HOP_MS : Math.max(this.nowMs, next);
      if (atMs > untilMs) {
        this.#queue.unshift(...jobs);
        return false;
      }
      for (const job of jobs) job();
      this.nowMs = atMs;
      for (const node of up) this.#tick(node);
    }
  }

  crash(index: number): void {
    this.node(index).isUp = false;
  }

  /** A new replica from what was written down. */
  restart(index: number): void {
    const node = this.node(index);
    node.isUp = true;
    node.wakeMs = undefined;
    node.decided.length = 0;
    node.replica = new SimplexReplica(this.#configOf(index), node.journal);
    for (const block of this.blocks.values()) node.replica.onBlock(block, this.nowMs);
    for (const certificate of node.certificates) {
      node.replica.onCertificate(certificate, this.nowMs);
    }
    this.#perform(node);
  }

  #tick(node: LockstepNode): void {
    if ((node.wakeMs ?? Number.POSITIVE_INFINITY) > this.nowMs) return;
    node.wakeMs = undefined;
    node.replica.onTick(this.nowMs);
    this.#perform(node);
  }

  #node(index: number): LockstepNode {
    const replica = new SimplexReplica<string>(this.#configOf(index));
    const lists = { journal: [], certificates: [], decided: [], evidence: [] };
    return { index, replica, ...lists, isUp: true, wakeMs: undefined };
  }

  #configOf(index: number): SimplexConfig {
    return { ...this.#config, self: index < this.#config.members ? index : undefined };
  }

  #perform(node: LockstepNode): void {
    for (const effect of node.replica.takeEffects()) {
      this.effects.push({ index: node.index, effect });
      if (effect.kind === 'decided') node.decided.push(...effect.blocks);
      else this.#queue.push(() => this.#do(node, effect));
    }
  }

  #do(node: LockstepNode, effect: SimplexEffect<string>): void {
    const { index } = node;
    if (effect.kind === 'cast') this.#send(node, effect.vote);
    else if (effect.kind === 'repeat') {
      for (const vote of effect.votes) this.#send(node, vote);
      this.#toOthers(node, ({ replica }) => {
        if (effect.certificate !== undefined) replica.onCertificate(effect.certificate, this.nowMs);
      });
    } else if (effect.kind === 'propose') {
      const { view, parent } = effect;
      const id = `block ${view} of ${index} on ${parent.view}` as Digest;
      const height = parent.height + 1;
      const header = {
        id,
        view,
        height,
        parent: parent.id,
        parentView: parent.view,
        leader: index,
      };
      this.blocks.set(id, header);
      this.tell(index, (replica) => replica.onBlock(header, this.nowMs));
      this.#toOthers(node, ({ replica }) => replica.onBlock(header, this.nowMs));
    } else if (effect.kind === 'judge') {
      const isValid = this.isValid(effect.block, index);
      this.tell(index, (replica) => replica.onJudged(effect.block.id, isValid, this.nowMs));
    } else if (effect.kind === 'fetch-block') {
      const block = this.blocks.get(effect.id);
      if (block !== undefined) this.tell(index, (replica) => replica.onBlock(block, this.nowMs));
    } else if (effect.kind === 'fetch-certificate') this.#serve(node, effect.view);
    else if (effect.kind === 'certified') node.certificates.push(effect.certificate);
    else if (effect.kind === 'wake') node.wakeMs = effect.atMs;
    else node.evidence.push(effect);
  }

  /** What an edge does with a vote from the wire: the proof first, then the engine. */
  receive(index: number, cast: CastVote<string>): VoteOutcome | 'bad-signature' {
    if (cast.proof !== proofOf(cast.voter)) return 'bad-signature';
    return this.tell(index, (replica) => replica.onVote(cast, this.nowMs));
  }

  #send(node: LockstepNode, vote: SimplexVote): void {
    const cast: CastVote<string> = { voter: node.index, vote, proof: proofOf(node.index) };
    node.journal.push(vote);
    this.receive(node.index, cast);
    this.#toOthers(node, ({ index }) => this.receive(index, cast));
  }

  /** What a certificate is asked for is answered with it and with the last decision, if later. */
  #serve(node: LockstepNode, view: number): void {
    const others = this.nodes.filter((other) => this.hears(node.index, other.index) && other.isUp);
    for (const { certificates, replica } of others) {
      const { finalization } = replica.status();
      const ofView = certificates.filter(({ vote }) => vote.view === view);
      const isLater = (finalization?.vote.view ?? 0) > view;
      for (const answer of isLater && finalization ? [...ofView, finalization] : ofView) {
        this.tell(node.index, (asking) => asking.onCertificate(answer, this.nowMs));
      }
    }
  }

  #toOthers(speaker: LockstepNode, action: (listener: LockstepNode) => void): void {
    for (const node of this.nodes) {
      if (node === speaker || !node.isUp || !this.hears(node.index, speaker.index)) continue;
      this.#queue.push(() => {
        if (!node.isUp) return;
        this.messages += 1;
        action(node);
        this.#perform(node);
      });
    }
  }
}

/** The signature of a member, as this cluster has them. */
export function proofOf(voter: number): string {
  return `signed by ${voter}`;
}
