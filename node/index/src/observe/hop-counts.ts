import type { GraphView } from '../hnsw/graph-view.ts';

/** In place of a number of hops: no way leads from the entry point to this slot. */
export const NO_WAY = -1;

/**
 * The fewest links from the entry point to each slot when a walk may go down a layer at any row,
 * as searches do. What no search can be shorter than. Breadth first, one layer after the other;
 * O(links).
 *
 * @returns `[slotCount]`, `NO_WAY` where there is none
 */
export function countHops(view: GraphView): Int32Array {
  const hops = new Int32Array(view.slotCount).fill(NO_WAY);
  const { entrySlot } = view;
  if (entrySlot < 0 || !view.isLive(entrySlot)) return hops;
  hops[entrySlot] = 0;
  for (let level = view.layerCount - 1; level >= 0; level--) spread(view, level, hops);
  return hops;
}

/** Relaxes the hops of one layer from all that were reached above; buckets by number of hops. */
function spread(view: GraphView, level: number, hops: Int32Array): void {
  const buckets: number[][] = [];
  for (let slot = 0; slot < hops.length; slot++) {
    const count = hops[slot] as number;
    if (count !== NO_WAY && view.levelOf(slot) >= level) bucketOf(buckets, count).push(slot);
  }
  for (let count = 0; count < buckets.length; count++) {
    for (const slot of buckets[count] ?? []) {
      if (hops[slot] !== count) continue;
      for (const target of view.targets(level, slot)) {
        const known = hops[target] as number;
        if (!view.isLive(target) || (known !== NO_WAY && known <= count + 1)) continue;
        hops[target] = count + 1;
        bucketOf(buckets, count + 1).push(target);
      }
    }
  }
}

function bucketOf(buckets: number[][], count: number): number[] {
  while (buckets.length <= count) buckets.push([]);
  return buckets[count] as number[];
}
