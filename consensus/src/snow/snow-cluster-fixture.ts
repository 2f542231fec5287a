// A cluster of snow engines in discrete time: messages take a while, some are lost, some members
// say nothing. Everything comes from one seed.

import type { Digest } from '@starling/shared';
import { parametersFor } from '../bounds/parameters-for.ts';
import { Mt19937 } from '../sampling/mt19937.ts';
import { drawBelow } from '../sampling/random-source.ts';
import type { BlockHeader } from '../simplex/vote.ts';
import { digestOf } from './digest-fixture.ts';
import { DEFAULT_SNOW_PARAMETERS, type SnowParameters } from './parameters.ts';
import type { SnowConfig } from './snow-config.ts';
import type { SnowEffect } from './snow-effect.ts';
import { SnowEngine } from './snow-engine.ts';

export const ROOT: BlockHeader = {
  id: digestOf(0),
  view: 0,
  height: 0,
  parent: digestOf(0),
  parentView: 0,
  leader: 0,
};

/** Parameters of the room's table. */
export function tableParameters(members: number, faulty: number): SnowParameters {
  const found = parametersFor(members, faulty);
  if (found === undefined) throw new Error(`no parameters for ${members} members`);
  const { k, alphaPreference, alphaConfidence, beta } = found;
  const concurrentRepolls = Math.min(4, beta);
  const sampled = { k, alphaPreference, alphaConfidence, beta, concurrentRepolls };
  return { ...DEFAULT_SNOW_PARAMETERS, ...sampled };
}

export function configOf(members: number, faulty: number): SnowConfig {
  return {
    members,
    self: 0,
    leaderSeed: 7,
    root: ROOT,
    parameters: tableParameters(members, faulty),
    faulty,
    safetyTarget: 1e-15,
    random: new Mt19937(0),
  };
}

export interface ClusterSpec {
  readonly members: number;
  readonly faulty: number;
  readonly seed: number;
  /** Members that neither answer nor propose. */
  readonly silent?: number;
  /** Of a hundred messages. */
  readonly lossPercent?: number;
  /** Every proposer signs two blocks and shows each to half of the members first. */
  readonly isTwoFaced?: boolean;
  /** Blocks after which there is nothing more to decide. */
  readonly blocks: number;
}

const DELAY_MS_MAX = 80;

export class SnowCluster {
  readonly engines: SnowEngine[];
  readonly decided: Digest[][];
  readonly effects: SnowEffect['kind'][] = [];
  readonly polls: number[] = [];
  nowMs = 0;
  readonly #spec: ClusterSpec;
  readonly #random: Mt19937;
  readonly #blocks = new Map<Digest, BlockHeader>();
  /** What happens in each millisecond, in order. */
  readonly #events = new Map<number, (() => void)[]>();

  constructor(spec: ClusterSpec) {
    this.#spec = spec;
    this.#random = new Mt19937(spec.seed);
    const members = Array.from({ length: spec.members }, (_, self) => self);
    const config = configOf(spec.members, spec.faulty);
    this.engines = members.map((self) => new SnowEngine({ ...config, self, random: this.#random }));
    this.decided = members.map(() => []);
    for (const self of this.#speaking()) {
      this.#at(0, () => this.engines[self]?.setDemand(true, this.nowMs));
      this.#at(0, () => this.#serve(self));
    }
  }

  /** Runs until every speaking member decided all blocks, or the time is over. */
  run(timeMs: number): boolean {
    const isDone = () =>
      this.#speaking().every((self) => (this.decided[self]?.length ?? 0) >= this.#spec.blocks);
    for (; this.nowMs <= timeMs; this.nowMs += 1) {
      for (const act of this.#events.get(this.nowMs) ?? []) act();
      this.#events.delete(this.nowMs);
      if (isDone()) return true;
    }
    return false;
  }

  /** True when of any two members one's chain begins with the other's. */
  agrees(): boolean {
    const longest = this.decided.reduce((a, b) => (a.length >= b.length ? a : b));
    return this.decided.every((chain) => chain.every((id, i) => id === longest[i]));
  }

  #speaking(): number[] {
    const { members, silent = 0 } = this.#spec;
    return Array.from({ length: members - silent }, (_, i) => silent + i);
  }

  #serve(self: number): void {
    const engine = this.engines[self];
    if (engine === undefined) return;
    while (engine.hasEffects) {
      for (const effect of engine.takeEffects()) {
        this.effects.push(effect.kind);
        this.#do(self, engine, effect);
      }
    }
  }

  #do(self: number, engine: SnowEngine, effect: SnowEffect): void {
    const { nowMs } = this;
    if (effect.kind === 'judge') engine.onJudged(effect.block.id, true, nowMs);
    else if (effect.kind === 'wake')
      this.#tell(self, effect.atMs, (tick) => tick.onTick(this.nowMs));
    else if (effect.kind === 'propose') this.#propose(self, effect);
    else if (effect.kind === 'poll') this.#ask(self, effect);
    else if (effect.kind === 'fetch-block') {
      const block = this.#blocks.get(effect.id);
      if (block !== undefined) this.#deliver(self, block, 2);
    } else if (effect.kind === 'decided') {
      this.decided[self]?.push(...effect.blocks);
      this.polls.push(effect.finality.polls);
      const isOpen = (this.decided[self]?.length ?? 0) < this.#spec.blocks;
      engine.setDemand(isOpen, nowMs);
    }
  }

  #propose(self: number, { view, parent }: SnowEffect & { kind: 'propose' }): void {
    const faces = this.#spec.isTwoFaced === true ? 2 : 1;
    for (let face = 0; face < faces; face += 1) {
      const block: BlockHeader = {
        id: this.#digest(),
        view,
        height: parent.height + 1,
        parent: parent.id,
        parentView: parent.view,
        leader: self,
      };
      this.#blocks.set(block.id, block);
      for (const [member] of this.engines.entries()) {
        if (member % faces === face) this.#deliver(member, block, member === self ? 0 : 1);
      }
    }
  }

  #ask(self: number, { pollId, peers, height }: SnowEffect & { kind: 'poll' }): void {
    const { silent = 0 } = this.#spec;
    for (const peer of peers) {
      if (peer < silent || this.#isLost()) continue;
      this.#at(this.nowMs + this.#delayMs(), () => {
        const chit = this.engines[peer]?.chitAt(height);
        if (chit === undefined || this.#isLost()) return;
        const atMs = this.nowMs + this.#delayMs();
        this.#tell(self, atMs, (engine) => engine.onChit(pollId, peer, chit, this.nowMs));
      });
    }
  }

  #deliver(member: number, block: BlockHeader, hops: number): void {
    if (member < (this.#spec.silent ?? 0) || (hops === 1 && this.#isLost())) return;
    let atMs = this.nowMs;
    for (let i = 0; i < hops; i += 1) atMs += this.#delayMs();
    this.#tell(member, atMs, (engine) => engine.onBlock(block, this.nowMs));
  }

  #tell(member: number, atMs: number, say: (engine: SnowEngine) => unknown): void {
    this.#at(atMs, () => {
      const engine = this.engines[member];
      if (engine === undefined) return;
      say(engine);
      this.#serve(member);
    });
  }

  #at(atMs: number, act: () => void): void {
    const at = Math.ceil(atMs);
    const events = this.#events.get(at);
    if (events === undefined) this.#events.set(at, [act]);
    else events.push(act);
  }

  #delayMs(): number {
    return 1 + drawBelow(this.#random, DELAY_MS_MAX);
  }

  #isLost(): boolean {
    return drawBelow(this.#random, 100) < (this.#spec.lossPercent ?? 0);
  }

  #digest(): Digest {
    const words = Array.from({ length: 8 }, () => this.#random.nextUint32());
    return words.map((word) => word.toString(16).padStart(8, '0')).join('') as Digest;
  }
}
