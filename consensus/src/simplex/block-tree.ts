// The undecided blocks on top of the decided one, and which of them a member may vote for or build on.

import type { Digest } from '@starling/shared';
import type { WantedCertificate } from './effect.ts';
import { BLOCKS_UNDECIDED_MAX, CERTIFICATE_FETCHES_MAX } from './limits.ts';
import type { KnownBlock, ViewRecords } from './view-record.ts';
import type { BlockHeader } from './vote.ts';

export interface MissingCertificate {
  readonly view: number;
  readonly want: WantedCertificate;
}

export interface MissingBlock {
  readonly id: Digest;
  readonly view: number;
}

/** `ready` with the parent, `dead` when no wait helps, or what must be fetched first. */
export type Lineage =
  | { readonly kind: 'ready'; readonly parent: BlockHeader }
  | { readonly kind: 'dead' }
  | {
      readonly kind: 'missing';
      readonly certificates: readonly MissingCertificate[];
      readonly block: MissingBlock | undefined;
    };

/** The blocks after the decided one up to some block, or what keeps us from knowing them. */
export type Path =
  | { readonly kind: 'path'; readonly blocks: readonly BlockHeader[] }
  | { readonly kind: 'missing'; readonly block: MissingBlock }
  | { readonly kind: 'fork' };

/** Invariant: every block in it has a view above the decided one. */
export class BlockTree<Proof> {
  readonly #views: ViewRecords<Proof>;
  readonly #known = new Map<Digest, KnownBlock>();
  /** Blocks from which the decided one was reached since it was decided. */
  readonly #connected = new Set<Digest>();
  #decided: BlockHeader;

  constructor(views: ViewRecords<Proof>, root: BlockHeader) {
    this.#views = views;
    this.#decided = root;
  }

  get decided(): BlockHeader {
    return this.#decided;
  }

  get isFull(): boolean {
    return this.#known.size >= BLOCKS_UNDECIDED_MAX;
  }

  get size(): number {
    return this.#known.size;
  }

  get(id: Digest): KnownBlock | undefined {
    return this.#known.get(id);
  }

  /** The header of a known block or of the decided one. */
  headerOf(id: Digest): BlockHeader | undefined {
    return id === this.#decided.id ? this.#decided : this.#known.get(id)?.header;
  }

  add(block: KnownBlock): void {
    this.#known.set(block.header.id, block);
  }

  drop(blocks: readonly KnownBlock[]): void {
    for (const { header } of blocks) {
      this.#known.delete(header.id);
      this.#connected.delete(header.id);
    }
  }

  decide(block: BlockHeader): void {
    this.#decided = block;
    this.#connected.clear();
    for (const { header } of this.#known.values()) {
      if (header.view <= block.view) this.#known.delete(header.id);
    }
  }

  /** From the decided block, exclusive, to `id`, inclusive. */
  pathTo(id: Digest, view: number): Path {
    const blocks: BlockHeader[] = [];
    let at: MissingBlock = { id, view };
    while (at.id !== this.#decided.id) {
      if (at.view <= this.#decided.view) return { kind: 'fork' };
      const header = this.#known.get(at.id)?.header;
      if (header === undefined) return { kind: 'missing', block: at };
      blocks.push(header);
      at = { id: header.parent, view: header.parentView };
    }
    return { kind: 'path', blocks: blocks.reverse() };
  }

  /**
   * May a member notarise this block? Its parent must be decided or notarised, every view between
   * them nullified, and all blocks down to the decided one known.
   */
  lineageOf({ view, parent, parentView }: BlockHeader): Lineage {
    const decided = this.#decided;
    if (parentView < decided.view) return { kind: 'dead' };
    const certificates: MissingCertificate[] = [];
    if (parentView === decided.view) {
      if (parent !== decided.id) return { kind: 'dead' };
    } else {
      const certified = this.#views.peek(parentView)?.certified;
      if (certified === undefined) certificates.push({ view: parentView, want: 'notarization' });
      else if (certified !== parent) return { kind: 'dead' };
    }
    for (let between = parentView + 1; between < view; between++) {
      if (certificates.length >= CERTIFICATE_FETCHES_MAX) break;
      if (this.#views.peek(between)?.isNullified !== true) {
        certificates.push({ view: between, want: 'nullification' });
      }
    }
    const isUncertified = certificates.some(({ want }) => want === 'notarization');
    // A leader may name a parent that never was: it is fetched once a certificate names it.
    if (isUncertified) return { kind: 'missing', certificates, block: undefined };
    return this.#lineage({ id: parent, view: parentView }, certificates);
  }

  /** What the leader of `view` builds on: the highest notarised block, all views after it nullified. */
  parentFor(view: number): Lineage {
    const certificates: MissingCertificate[] = [];
    let below = view - 1;
    for (; below > this.#decided.view; below--) {
      const record = this.#views.peek(below);
      if (record?.certified !== undefined) {
        return this.#lineage({ id: record.certified, view: below }, certificates);
      }
      if (record?.isNullified === true) continue;
      certificates.push({ view: below, want: 'any' });
      if (certificates.length >= CERTIFICATE_FETCHES_MAX) break;
    }
    return this.#lineage(this.#decided, certificates);
  }

  #lineage(parent: MissingBlock, certificates: readonly MissingCertificate[]): Lineage {
    const gap = this.#gapBelow(parent);
    if (gap === 'fork') return { kind: 'dead' };
    if (certificates.length > 0 || gap !== undefined) {
      return { kind: 'missing', certificates, block: gap };
    }
    const header = this.headerOf(parent.id);
    return header === undefined ? { kind: 'dead' } : { kind: 'ready', parent: header };
  }

  /** The first unknown block between this one and the decided one; each block is passed once. */
  #gapBelow(block: MissingBlock): MissingBlock | 'fork' | undefined {
    const passed: Digest[] = [];
    let at = block;
    while (at.id !== this.#decided.id && !this.#connected.has(at.id)) {
      if (at.view <= this.#decided.view) return 'fork';
      const header = this.#known.get(at.id)?.header;
      if (header === undefined) return at;
      passed.push(at.id);
      at = { id: header.parent, view: header.parentView };
    }
    for (const id of passed) this.#connected.add(id);
    return undefined;
  }
}
