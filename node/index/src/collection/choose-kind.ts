import { SEARCH_KINDS, type SearchKind } from '../select/cost-model.ts';
import { selectIndex } from '../select/select-index.ts';
import type { CollectionOptions, SegmentKind } from './collection-options.ts';

/** The search that `auto` makes cheap. */
const QUESTION = Object.freeze({ k: 10, recall: 0.95, selectivity: 1 });

/** A graph takes rows one by one and codes; lists are for exact rows that are there. */
const GROWING_KINDS: readonly SearchKind[] = ['flat', 'hnsw'];

/**
 * The kind of index for a segment of so many rows: the collection's, or under `auto` the one that
 * answers in the least time.
 *
 * @param growth - whether the rows are there already or are on their way
 */
export function chooseKind(
  options: CollectionOptions,
  rows: number,
  growth: 'growing' | 'settled',
): SegmentKind {
  const { dimension, kind, vectorType } = options;
  if (kind !== 'auto') return kind;
  const hasLists = vectorType === 'f32' || vectorType === 'u8';
  const kinds = growth === 'growing' || !hasLists ? GROWING_KINDS : SEARCH_KINDS;
  const question = { ...QUESTION, dimension, rows: Math.max(1, rows), vectorType };
  return selectIndex(question, { kinds, unit: 'nanoseconds' }).kind;
}

/** The lists of a segment that a search looks into, when it names no number under `auto`. */
export function chooseProbes(
  { dimension, vectorType }: CollectionOptions,
  rows: number,
  k: number,
): number | undefined {
  const question = { ...QUESTION, k, dimension, rows, vectorType };
  return selectIndex(question, { kinds: ['ivf'] }).probes;
}
