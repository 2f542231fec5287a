import type { GraphView } from '../hnsw/graph-view.ts';

/** Live rows that no walk over base links from the entry point reaches. */
export interface Reachability {
  /** Ascending. */
  readonly unreachedSlots: readonly number[];
  /** Groups of unreached rows that hang together, by size, largest first. */
  readonly islandSizes: readonly number[];
}

/** Walks all base links from the entry point, then groups what it missed; O(links). */
export function findUnreached(view: GraphView, liveSlots: Int32Array): Reachability {
  const reached = reachedFrom(view);
  const unreachedSlots = [...liveSlots].filter((slot) => reached[slot] === 0);
  return { unreachedSlots, islandSizes: islandSizesOf(view, unreachedSlots) };
}

function reachedFrom(view: GraphView): Uint8Array {
  const { entrySlot } = view;
  const reached = new Uint8Array(view.slotCount);
  if (entrySlot < 0 || !view.isLive(entrySlot)) return reached;
  reached[entrySlot] = 1;
  const queue = [entrySlot];
  for (const slot of queue) {
    for (const target of view.targets(0, slot)) {
      if (reached[target] === 1 || !view.isLive(target)) continue;
      reached[target] = 1;
      queue.push(target);
    }
  }
  return reached;
}

/** Joins unreached rows along their links, whichever way these point. */
function islandSizesOf(view: GraphView, slots: readonly number[]): number[] {
  const parents = new Map(slots.map((slot) => [slot, slot]));
  for (const slot of slots) {
    for (const target of view.targets(0, slot)) {
      if (parents.has(target)) parents.set(rootOf(parents, target), rootOf(parents, slot));
    }
  }
  const sizes = new Map<number, number>();
  for (const slot of slots) {
    const root = rootOf(parents, slot);
    sizes.set(root, (sizes.get(root) ?? 0) + 1);
  }
  return [...sizes.values()].sort((a, b) => b - a);
}

function rootOf(parents: Map<number, number>, slot: number): number {
  let root = slot;
  for (let parent = parents.get(root); parent !== root; parent = parents.get(root)) {
    if (parent === undefined) return root;
    // Halving the path keeps the next look short.
    parents.set(root, parents.get(parent) ?? parent);
    root = parent;
  }
  return root;
}
