// What a replica asks others for: missing certificates and blocks, each once between two repeats.

import type { Digest } from '@starling/shared';
import type { Lineage } from './block-tree.ts';
import type { WantedCertificate } from './effect.ts';
import type { Knowledge } from './knowledge.ts';
import { BLOCK_FETCHES_MAX, FETCHES_PER_VIEW_MAX } from './limits.ts';

export class Requests<Proof> {
  readonly #known: Knowledge<Proof>;
  readonly #asked = new Set<string>();
  /** Counts on, so that each request for a block goes to another holder. */
  #turn: number;

  constructor(known: Knowledge<Proof>, firstTurn: number) {
    this.#known = known;
    this.#turn = firstTurn;
  }

  /** From now on everything may be asked for once more. */
  askAgain(): void {
    this.#asked.clear();
  }

  /** What a block or a proposal stands on and is not known. */
  fetchLineage(lineage: Lineage, holder: number | undefined): void {
    if (lineage.kind !== 'missing') return;
    for (const { view, want } of lineage.certificates) this.askCertificate(view, want, holder);
    if (lineage.block !== undefined) this.#known.want(lineage.block.id, lineage.block.view);
    this.fetchWanted();
  }

  /** Blocks that certificates name, those first that were named first. */
  fetchWanted(): void {
    let left = BLOCK_FETCHES_MAX;
    for (const [id, view] of this.#known.wanted) {
      if (left === 0) return;
      left -= 1;
      this.#askBlock(id, view);
    }
  }

  /** Blocks that others vote for in this view and that never came. */
  fetchVotedFor(view: number): void {
    const record = this.#known.views.peek(view);
    const choices = record?.votes?.notarizedBlocks() ?? [];
    const unknown = choices.filter(({ block }) => this.#known.tree.get(block) === undefined);
    unknown.sort((a, b) => b.weight - a.weight);
    for (const { block, weight } of unknown.slice(0, FETCHES_PER_VIEW_MAX)) {
      if (weight > this.#known.power.tolerated) this.#known.want(block, view);
      this.#askBlock(block, view);
    }
  }

  askCertificate(view: number, want: WantedCertificate, holder?: number): void {
    const key = `${want} ${view}`;
    if (this.#asked.has(key)) return;
    this.#asked.add(key);
    this.#known.tell({ kind: 'fetch-certificate', view, want, holder });
  }

  #askBlock(id: Digest, view: number): void {
    if (this.#asked.has(id)) return;
    this.#asked.add(id);
    const holder = this.#holderOf(id, view);
    this.#known.tell({ kind: 'fetch-block', id, view, holder });
  }

  /** One that voted for the block, another one each time; its leader when nobody is known. */
  #holderOf(id: Digest, view: number): number {
    const record = this.#known.views.peek(view);
    const voters = record?.votes?.proofsFor({ kind: 'notarize', view, block: id }) ?? [];
    const proofs = voters.length > 0 ? voters : (record?.finalization?.proofs ?? []);
    this.#turn += 1;
    return proofs[this.#turn % proofs.length]?.voter ?? this.#known.leaders.leaderOf(view);
  }
}
