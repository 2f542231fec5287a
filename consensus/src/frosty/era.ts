// The epochs of Frosty (Buchwald et al., arXiv 2404.14250), called eras here because an epoch of the
// ledger is another thing: even eras poll, odd ones certify. The view of a block or vote says which
// era it belongs to, so nothing that is signed in one era means anything in another.

import type { BlockHeader } from '../simplex/vote.ts';

/** Views of one era; an odd one opens in the first half of them and decides blocks in the second. */
export const ERA_VIEWS = 2 ** 32;
/** Eras of one epoch of the ledger: views stay exact integers. */
export const ERAS_MAX = 2 ** 20;

/** `opening`: an odd era agrees on what it starts on; `certificates`: it decides blocks. */
export type Period = {
  readonly era: number;
  readonly kind: 'polls' | 'opening' | 'certificates';
};

/** The period that a view belongs to; views count from 1. */
export function periodOf(view: number): Period {
  const half = Math.floor((view - 1) / (ERA_VIEWS / 2));
  const era = Math.max(0, Math.floor(half / 2));
  if (era % 2 === 0) return { era, kind: 'polls' };
  return { era, kind: half % 2 === 0 ? 'opening' : 'certificates' };
}

/** The views of a period come after this one. */
export function viewBefore({ era, kind }: Period): number {
  return era * ERA_VIEWS + (kind === 'certificates' ? ERA_VIEWS / 2 : 0);
}

/**
 * The even era in which a member is whose journal and decided block say this: whoever followed
 * others is further than it wrote down. Above a block of an odd era it may be the one before.
 */
export function startingEra(decidedView: number, writtenEra: number): number {
  const { era } = periodOf(Math.max(1, decidedView));
  return Math.max(writtenEra, era - (era % 2));
}

/** Negative when `a` comes before `b`, 0 when they are the same. */
export function comparePeriods(a: Period, b: Period): number {
  return viewBefore(a) - viewBefore(b);
}

/**
 * A period's root as its engine sees it: with a view of the period. Blocks on it name its real view,
 * so headers are translated on their way in and out.
 */
export class PeriodRoot {
  readonly real: BlockHeader;
  readonly inner: BlockHeader;

  constructor(root: BlockHeader, period: Period) {
    this.real = root;
    this.inner = { ...root, view: Math.max(root.view, viewBefore(period)) };
  }

  /** Undefined for a block that stands on the root and names another view for it. */
  inward(block: BlockHeader): BlockHeader | undefined {
    if (block.parent !== this.real.id) return block;
    return block.parentView === this.real.view
      ? { ...block, parentView: this.inner.view }
      : undefined;
  }

  outward(block: BlockHeader): BlockHeader {
    if (block.id === this.real.id) return this.real;
    return block.parent === this.real.id ? { ...block, parentView: this.real.view } : block;
  }
}
