// The engine's blocks: headers as they come in any order, judged, voted on, decided.

import type { Digest } from '@starling/shared';
import type { BlockOutcome } from '../simplex/effect.ts';
import type { BlockHeader } from '../simplex/vote.ts';
import type { Bag } from './bag.ts';
import { Fetches } from './fetches.ts';
import { type KnownBlock, KnownBlocks } from './known-blocks.ts';
import { DEFAULT_KIND, instanceRules, instancesOf } from './parameters.ts';
import type { SnowConfig } from './snow-config.ts';
import type { Chit, SnowEffect } from './snow-effect.ts';
import { Snowman } from './snowman.ts';

/** Views that a proposal may skip beyond the turns that passed here. */
export const VIEWS_SKIPPED_MAX = 16;

/** Invariant: Snowman holds exactly the blocks whose state is `issued`. */
export class UndecidedChain {
  readonly #k: number;
  readonly #emit: (effect: SnowEffect) => void;
  readonly #snowman: Snowman;
  readonly #known: KnownBlocks;
  readonly #fetches: Fetches;
  #lastAccepted: BlockHeader;
  #pollsApplied = 0;

  constructor(config: SnowConfig, fetchMs: number, emit: (effect: SnowEffect) => void) {
    const { parameters, kind = DEFAULT_KIND, members, root } = config;
    const { alphaPreference, maxOutstandingItems } = parameters;
    const start = instancesOf(kind, instanceRules(parameters));
    this.#k = parameters.k;
    this.#emit = emit;
    this.#snowman = new Snowman({ alphaPreference, start }, root);
    this.#known = new KnownBlocks(maxOutstandingItems, members);
    this.#fetches = new Fetches(fetchMs);
    this.#lastAccepted = root;
  }

  get lastAccepted(): BlockHeader {
    return this.#lastAccepted;
  }

  get tip(): BlockHeader {
    return this.#known.get(this.#snowman.preference)?.header ?? this.#lastAccepted;
  }

  /** Blocks that are voted on. */
  get undecided(): number {
    return this.#snowman.processing;
  }

  /** Blocks held in all. */
  get size(): number {
    return this.#known.size;
  }

  parentOf(id: Digest): Digest | undefined {
    return this.#snowman.parentOf(id);
  }

  /** What a member answers that is asked about a height. */
  chitAt(height: number): Chit {
    const lastAccepted = this.#lastAccepted.id;
    const preferenceAtHeight = this.#snowman.preferenceAtHeight(height) ?? lastAccepted;
    return { preference: this.#snowman.preference, preferenceAtHeight, lastAccepted };
  }

  /** Takes a header whose leader was checked; `turns` passed on the tip without a proposal. */
  add(block: BlockHeader, turns: number, nowMs: number): BlockOutcome {
    const { id, view, height, parentView } = block;
    if (this.#knows(id)) return 'duplicate';
    if (height <= this.#lastAccepted.height) return 'too-old';
    if (view > parentView + turns + VIEWS_SKIPPED_MAX) return 'too-far-ahead';
    const objection = this.#parentObjection(block);
    if (objection !== undefined) return objection;
    if (!this.#known.hasRoomFor(block)) return 'too-many-blocks';
    const first = this.#known.rivalOf(block);
    if (first !== undefined) {
      this.#emit({ kind: 'conflicting-proposals', leader: block.leader, first, second: block });
    }
    this.#fetches.got(id);
    this.#place(this.#known.add(block), nowMs);
    return 'accepted';
  }

  /** The answer to `judge`; true when the block is now voted on. */
  judged(id: Digest, isValid: boolean, nowMs: number): boolean {
    const block = this.#known.get(id);
    if (block?.state !== 'judging') return false;
    const isIssued = isValid && this.#snowman.add(block.header) === 'added';
    block.state = isIssued ? 'issued' : 'invalid';
    block.issuedAtPoll = this.#pollsApplied;
    for (const child of this.#known.childrenOf(id, 'waiting')) this.#place(child, nowMs);
    return isIssued;
  }

  /**
   * The undecided block that a chit votes for: the nearest ancestor, itself included, of the first
   * of its three blocks that has one. An unknown preference is asked for.
   */
  votedBy({ preference, preferenceAtHeight, lastAccepted }: Chit, nowMs: number) {
    for (const id of [preference, lastAccepted]) {
      if (!this.#knows(id)) this.#fetches.want(id, nowMs);
    }
    for (const id of [preference, preferenceAtHeight, lastAccepted]) {
      const voted = this.#undecidedAncestor(id);
      if (voted !== undefined) return voted;
    }
    return undefined;
  }

  /** Applies a poll; true when it decided something. */
  recordPoll(votes: Bag<Digest>): boolean {
    this.#pollsApplied += 1;
    const { accepted, rejected } = this.#snowman.recordPoll(votes);
    const headers = accepted.flatMap((id) => this.#known.get(id) ?? []);
    const [oldest, last] = [headers[0], headers.at(-1)];
    if (oldest === undefined || last === undefined) return false;
    this.#lastAccepted = last.header;
    const polls = this.#pollsApplied - oldest.issuedAtPoll;
    const finality = { kind: 'metastable', polls, k: this.#k } as const;
    this.#emit({ kind: 'decided', blocks: accepted, finality });
    if (rejected.length > 0) this.#emit({ kind: 'rejected', blocks: rejected });
    this.#known.decide([...accepted, ...rejected]);
    this.#known.prune(last.header);
    return true;
  }

  fetchDue(nowMs: number): void {
    for (const id of this.#fetches.due(nowMs)) this.#emit({ kind: 'fetch-block', id });
  }

  nextFetchMs(): number {
    return this.#fetches.nextMs();
  }

  #knows(id: Digest): boolean {
    return (
      id === this.#lastAccepted.id || this.#known.get(id) !== undefined || this.#known.isDecided(id)
    );
  }

  #headerOf(id: Digest): BlockHeader | undefined {
    return id === this.#lastAccepted.id ? this.#lastAccepted : this.#known.get(id)?.header;
  }

  #parentObjection({ parent, parentView, height }: BlockHeader): BlockOutcome | undefined {
    const header = this.#headerOf(parent);
    if (header === undefined) {
      const isStale = height === this.#lastAccepted.height + 1 || this.#known.isDecided(parent);
      return isStale ? 'stale-parent' : undefined;
    }
    if (height !== header.height + 1) return 'wrong-height';
    return parentView === header.view ? undefined : 'wrong-parent';
  }

  /** Moves a waiting block on as far as its parent allows. */
  #place(block: KnownBlock, nowMs: number): void {
    const { header } = block;
    const parent = this.#known.get(header.parent);
    if (parent === undefined && header.parent !== this.#lastAccepted.id) {
      this.#fetches.want(header.parent, nowMs);
    } else if (this.#parentObjection(header) !== undefined || parent?.state === 'invalid') {
      block.state = 'invalid';
      for (const child of this.#known.childrenOf(header.id, 'waiting')) this.#place(child, nowMs);
    } else if (parent === undefined || parent.state === 'issued') {
      block.state = 'judging';
      this.#emit({ kind: 'judge', block: header });
    }
  }

  #undecidedAncestor(id: Digest): Digest | undefined {
    let at = id;
    while (!this.#snowman.isProcessing(at)) {
      const block = this.#known.get(at);
      if (block === undefined) return undefined;
      at = block.header.parent;
    }
    return at;
  }
}
