import type { GraphView } from '../hnsw/graph-view.ts';
import { type Neighbourhoods, widerScaleOf } from './neighbourhoods.ts';
import { OBSERVER_THRESHOLDS } from './observer-thresholds.ts';

/** Rows that lie much farther from their neighbours than most do. */
export interface SparseRows {
  /** Rows that were looked at. */
  readonly examined: number;
  /** Distance to a near neighbour at the median row. */
  readonly medianScale: number;
  /** Beyond it a row is remote. */
  readonly remoteScale: number;
  /** Remote rows among the examined, farthest first. */
  readonly remoteSlots: readonly number[];
}

/**
 * Looks for rows in thin regions by the width of their neighbourhoods. Distances must be a scale:
 * not negative, zero for equal rows.
 */
export function findSparseRows(view: GraphView, neighbourhoods: Neighbourhoods): SparseRows {
  const { scales, slots } = neighbourhoods;
  const logarithms = [...scales].filter((scale) => scale > 0).map(Math.log);
  const median = medianOf(logarithms);
  const spread = NORMAL_SPREAD * medianOf(logarithms.map((value) => Math.abs(value - median)));
  const { remoteDeviations, remoteFactor } = OBSERVER_THRESHOLDS;
  const medianScale = Math.exp(median);
  const remoteScale = medianScale * Math.max(remoteFactor, Math.exp(remoteDeviations * spread));
  const remote: [slot: number, scale: number][] = [];
  for (const [i, slot] of slots.entries()) {
    if ((scales[i] as number) <= remoteScale) continue;
    // A bridge has long links only, but the row at its one end is among the others.
    const scale = widerScaleOf(view, slot);
    if (scale > remoteScale) remote.push([slot, scale]);
  }
  remote.sort((a, b) => b[1] - a[1]);
  const remoteSlots = remote.map(([slot]) => slot);
  return { examined: slots.length, medianScale, remoteScale, remoteSlots };
}

// From the median deviation to the standard deviation of a normal distribution.
const NORMAL_SPREAD = 1.4826;

function medianOf(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[sorted.length >> 1] ?? 0;
}
