// An even era: the engine snow on the era's root, until its polls are stuck.

import type { Digest } from '@starling/shared';
import type { BlockOutcome } from '../simplex/effect.ts';
import type { BlockHeader } from '../simplex/vote.ts';
import type { MetastableFinality } from '../snow/snow-effect.ts';
import { SnowEngine } from '../snow/snow-engine.ts';
import type { FrostyEffect } from './effect.ts';
import { ERA_VIEWS, PeriodRoot } from './era.ts';
import type { FrostyConfig } from './frosty-config.ts';

/** What a stage leaves to the replica instead of the caller. */
export interface PollsListener<Proof> {
  tell(effect: FrostyEffect<Proof>): void;
  decided(blocks: readonly Digest[], finality: MetastableFinality): void;
  stalled(): void;
  wake(atMs: number): void;
}

export class PollsStage<Proof> {
  readonly engine: SnowEngine;
  readonly #era: number;
  readonly #root: PeriodRoot;

  constructor(config: FrostyConfig, root: BlockHeader, era: number) {
    this.#era = era;
    this.#root = new PeriodRoot(root, { era, kind: 'polls' });
    this.engine = new SnowEngine({ ...config, root: this.#root.inner });
  }

  get tip(): BlockHeader {
    return this.#root.outward(this.engine.status().tip);
  }

  onBlock(block: BlockHeader, nowMs: number): BlockOutcome {
    const inner = this.#root.inward(block);
    return inner === undefined ? 'wrong-parent' : this.engine.onBlock(inner, nowMs);
  }

  /** The engine's number of a poll; undefined for a poll of another era. */
  pollOf(pollId: number): number | undefined {
    const inner = pollId - this.#era * ERA_VIEWS;
    return inner > 0 && inner < ERA_VIEWS ? inner : undefined;
  }

  drain(listener: PollsListener<Proof>): void {
    const outward = (block: BlockHeader) => this.#root.outward(block);
    for (const effect of this.engine.takeEffects()) {
      const { kind } = effect;
      if (kind === 'poll') {
        const pollId = this.#era * ERA_VIEWS + effect.pollId;
        listener.tell({ ...effect, pollId, era: this.#era });
      } else if (kind === 'propose') {
        listener.tell({ ...effect, parent: outward(effect.parent), isTrailing: false });
      } else if (kind === 'judge') {
        listener.tell({ kind, block: outward(effect.block), isTrailing: false });
      } else if (kind === 'conflicting-proposals') {
        const [first, second] = [outward(effect.first), outward(effect.second)];
        listener.tell({ ...effect, first, second });
      } else if (kind === 'fetch-block') listener.tell({ ...effect, holder: undefined });
      else if (kind === 'decided') listener.decided(effect.blocks, effect.finality);
      else if (kind === 'stalled') listener.stalled();
      else if (kind === 'wake') listener.wake(effect.atMs);
      else listener.tell(effect);
    }
  }
}
