// The second half of an odd era: Simplex decides a fixed number of blocks on the era's start. What is
// built beyond them trails: it may be certified to help, has no content, and is left behind.

import type { Digest } from '@starling/shared';
import type { BlockOutcome } from '../simplex/effect.ts';
import type { SimplexReplica } from '../simplex/replica.ts';
import { type BlockHeader, blockOf, type QuorumCertificate } from '../simplex/vote.ts';
import type { FrostyEffect } from './effect.ts';
import { PeriodRoot } from './era.ts';
import { type SimplexSetting, simplexOf } from './opening-stage.ts';

export interface CertificateListener<Proof> {
  tell(effect: FrostyEffect<Proof>): void;
  decided(blocks: readonly Digest[], certificate: QuorumCertificate<Proof>): void;
  forked(against: Digest): void;
  wake(atMs: number): void;
}

export class CertificateStage<Proof> {
  readonly simplex: SimplexReplica<Proof>;
  /** Height of the block that ends the era. */
  readonly lastHeight: number;
  readonly #root: PeriodRoot;
  #hasDemand = false;
  #wasNeeded = false;

  /** `root` is what was decided here, the era's start or a block above it. */
  constructor(setting: SimplexSetting, root: BlockHeader, lastHeight: number) {
    this.lastHeight = lastHeight;
    this.#root = new PeriodRoot(root, { era: setting.era, kind: 'certificates' });
    this.simplex = simplexOf(setting, this.#root.inner);
  }

  get tip(): BlockHeader | undefined {
    const { tip } = this.simplex.status();
    return tip === undefined ? undefined : this.#root.outward(tip);
  }

  setDemand(hasDemand: boolean, nowMs: number): void {
    this.#hasDemand = hasDemand;
    this.#wasNeeded = this.#isNeeded();
    this.simplex.setDemand(this.#wasNeeded, nowMs);
  }

  /** After anything that may have moved the tip; true when that changes the demand. */
  review(nowMs: number): boolean {
    const isNeeded = this.#isNeeded();
    if (isNeeded === this.#wasNeeded) return false;
    this.#wasNeeded = isNeeded;
    this.simplex.setDemand(isNeeded, nowMs);
    return true;
  }

  onBlock(block: BlockHeader, nowMs: number): BlockOutcome {
    const inner = this.#root.inward(block);
    return inner === undefined ? 'wrong-parent' : this.simplex.onBlock(inner, nowMs);
  }

  drain(listener: CertificateListener<Proof>): void {
    const outward = (block: BlockHeader) => this.#root.outward(block);
    for (const effect of this.simplex.takeEffects()) {
      const { kind } = effect;
      if (kind === 'propose') {
        const parent = outward(effect.parent);
        listener.tell({ ...effect, parent, isTrailing: parent.height >= this.lastHeight });
      } else if (kind === 'judge') {
        const block = outward(effect.block);
        listener.tell({ kind, block, isTrailing: block.height > this.lastHeight });
      } else if (kind === 'conflicting-proposals') {
        const [first, second] = [outward(effect.first), outward(effect.second)];
        listener.tell({ ...effect, first, second });
      } else if (kind === 'fetch-block') {
        listener.tell({ kind, id: effect.id, holder: effect.holder });
      } else if (kind === 'decided') listener.decided(effect.blocks, effect.certificate);
      else if (kind === 'forked')
        listener.forked(blockOf(effect.certificate.vote) ?? this.#root.real.id);
      else if (kind === 'wake') listener.wake(effect.atMs);
      else listener.tell(effect);
    }
  }

  #isNeeded(): boolean {
    const height = this.tip?.height ?? 0;
    return this.#hasDemand && height < this.lastHeight;
  }
}
