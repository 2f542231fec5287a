// The first half of an odd era: Simplex over sets of starting votes, until one is final.

import type { Digest } from '@starling/shared';
import type { SimplexTimeouts } from '../simplex/config.ts';
import type { BlockOutcome } from '../simplex/effect.ts';
import { SimplexReplica } from '../simplex/replica.ts';
import {
  type BlockHeader,
  blockOf,
  type QuorumCertificate,
  type SimplexVote,
} from '../simplex/vote.ts';
import type { FrostyEffect } from './effect.ts';
import { comparePeriods, type Period, periodOf } from './era.ts';
import type { FrostyRules } from './frosty-config.ts';
import { type DecidedOpening, type OpeningBlock, openingRoot, startOf } from './opening.ts';
import type { StartingBlock } from './statement.ts';

/** Proposed openings that are held, beside certified ones. */
export const OPENINGS_MAX = 32;

export interface SimplexSetting {
  readonly members: number;
  readonly self: number | undefined;
  readonly leaderSeed: Uint8Array | number;
  readonly timeouts: SimplexTimeouts;
  readonly era: number;
  readonly votes: readonly SimplexVote[];
  /** A rolled-back journal: nothing is cast up to this view. */
  readonly silentUntil: number;
}

/** The replica of one period: only the journal's votes of that period are its own. */
export function simplexOf<Proof>(
  { votes, silentUntil, era: _, ...config }: SimplexSetting,
  root: BlockHeader,
): SimplexReplica<Proof> {
  const period: Period = periodOf(root.view + 1);
  const own = votes.filter(({ view }) => comparePeriods(periodOf(view), period) === 0);
  const simplex = new SimplexReplica<Proof>({ ...config, root }, own);
  if (silentUntil >= 0) simplex.observeUntil(silentUntil);
  return simplex;
}

export interface OpeningListener<Proof> {
  tell(effect: FrostyEffect<Proof>): void;
  /** We lead: propose, or decline. */
  lead(view: number, parent: BlockHeader, isFirst: boolean): void;
  /** May we go on from this block? Undefined while that is not known. */
  mayStartOn(block: StartingBlock): boolean | undefined;
  opened(opening: DecidedOpening<Proof>): void;
  forked(against: Digest): void;
  wake(atMs: number): void;
}

export class OpeningStage<Proof> {
  readonly simplex: SimplexReplica<Proof>;
  readonly #rules: FrostyRules;
  readonly #root: BlockHeader;
  readonly #openings = new Map<Digest, OpeningBlock<Proof>>();
  readonly #certified = new Set<Digest>();
  /** To be judged when their start is known. */
  readonly #waiting = new Map<Digest, StartingBlock>();

  constructor(setting: SimplexSetting, rules: FrostyRules) {
    this.#rules = rules;
    this.#root = openingRoot(setting.era);
    this.simplex = simplexOf(setting, this.#root);
  }

  get size(): number {
    return this.#openings.size;
  }

  onOpening(opening: OpeningBlock<Proof>, nowMs: number): BlockOutcome {
    const { header } = opening;
    const outcome = this.simplex.onBlock(header, nowMs);
    if (outcome !== 'accepted') return outcome;
    this.#openings.set(header.id, opening);
    this.#forget();
    return outcome;
  }

  /** Judges what can be judged by now; true when something was. */
  review(listener: OpeningListener<Proof>, nowMs: number): boolean {
    let hasJudged = false;
    for (const [id, block] of this.#waiting) {
      const isValid = listener.mayStartOn(block);
      if (isValid === undefined) continue;
      this.#waiting.delete(id);
      this.simplex.onJudged(id, isValid, nowMs);
      hasJudged = true;
    }
    return hasJudged;
  }

  drain(listener: OpeningListener<Proof>, nowMs: number): void {
    for (const effect of this.simplex.takeEffects()) {
      const { kind } = effect;
      if (kind === 'propose') {
        listener.lead(effect.view, effect.parent, effect.parent.id === this.#root.id);
      } else if (kind === 'judge') this.#judge(effect.block, nowMs);
      else if (kind === 'fetch-block') {
        listener.tell({ kind: 'fetch-opening', id: effect.id, holder: effect.holder });
      } else if (kind === 'certified') {
        const certified = blockOf(effect.certificate.vote);
        if (certified !== undefined) this.#certified.add(certified);
        listener.tell(effect);
      } else if (kind === 'decided') this.#decided(effect.blocks, effect.certificate, listener);
      else if (kind === 'forked')
        listener.forked(blockOf(effect.certificate.vote) ?? this.#root.id);
      else if (kind === 'wake') listener.wake(effect.atMs);
      else listener.tell(effect);
    }
  }

  #judge(header: BlockHeader, nowMs: number): void {
    const opening = this.#openings.get(header.id);
    if (opening === undefined) return;
    const isFirst = header.parent === this.#root.id;
    const start = isFirst ? startOf(opening, this.#rules) : undefined;
    if (start !== undefined) this.#waiting.set(header.id, start);
    else this.simplex.onJudged(header.id, !isFirst && opening.starts.length === 0, nowMs);
  }

  #decided(
    ids: readonly Digest[],
    certificate: QuorumCertificate<Proof>,
    listener: OpeningListener<Proof>,
  ): void {
    const blocks = ids.flatMap((id) => this.#openings.get(id) ?? []);
    // A later decision only trails the first, and a lost opening is asked for as part of the era.
    if (blocks.length === ids.length && blocks[0]?.header.parent === this.#root.id) {
      listener.opened({ blocks, certificate });
    }
  }

  #forget(): void {
    for (const id of this.#openings.keys()) {
      if (this.#openings.size <= OPENINGS_MAX + this.#certified.size) return;
      if (this.#certified.has(id)) continue;
      this.#openings.delete(id);
      this.#waiting.delete(id);
    }
  }
}
