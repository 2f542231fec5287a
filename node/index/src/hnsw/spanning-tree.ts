import type { FlatMemory } from '../memory/flat-memory.ts';
import { PARENTS } from '../memory/memory-map.ts';
import type { Region } from '../memory/region.ts';

const NO_PARENT = -1;

/**
 * A tree over all live slots of the base layer. Its edges are links that pruning may not drop, so
 * the graph cannot fall apart, whatever is inserted and deleted.
 *
 * Invariant: following `parentOf` from any live slot ends at the one slot without a parent.
 * Invariant: no slot has more than `degreeMax` tree edges, so half of its links stay free.
 */
export class SpanningTree {
  readonly degreeMax: number;
  readonly #parents: Region<Int32Array>;
  #degrees = new Uint16Array(0);

  constructor(memory: FlatMemory, degreeMax: number) {
    this.#parents = memory.open(PARENTS, Int32Array);
    this.degreeMax = degreeMax;
  }

  /** The parent of a slot, -1 at the root. */
  parentOf(slot: number): number {
    return this.#parents.view[slot] as number;
  }

  /** Whether a tree edge joins two slots, in either direction. */
  joins(a: number, b: number): boolean {
    return this.#parents.view[a] === b || this.#parents.view[b] === a;
  }

  /** Whether a slot may take so many more edges. */
  hasRoom(slot: number, edges = 1): boolean {
    return (this.#degrees[slot] as number) + edges <= this.degreeMax;
  }

  /** Whether a slot keeps the limit on tree edges; only a damaged file breaks it. */
  isWithinDegree(slot: number): boolean {
    return (this.#degrees[slot] as number) <= this.degreeMax;
  }

  /** Starts a tree of one slot. */
  plant(slot: number): void {
    this.#reserve(slot);
    this.#parents.view[slot] = NO_PARENT;
    this.#degrees[slot] = 0;
  }

  /** Hangs the root of one tree below a slot of another. */
  attach(root: number, parent: number): void {
    this.#parents.view[root] = parent;
    this.#degrees[root] = (this.#degrees[root] as number) + 1;
    this.#degrees[parent] = (this.#degrees[parent] as number) + 1;
  }

  /** Cuts a slot from its parent; it becomes the root of what hangs below it. */
  detach(slot: number): void {
    const parent = this.#parents.view[slot] as number;
    if (parent === NO_PARENT) return;
    this.#parents.view[slot] = NO_PARENT;
    this.#degrees[slot] = (this.#degrees[slot] as number) - 1;
    this.#degrees[parent] = (this.#degrees[parent] as number) - 1;
  }

  /** Whether the tree of `root` holds a slot; climbs from the slot, O(depth). */
  holds(root: number, slot: number): boolean {
    if (slot === root) return true;
    if (this.#degrees[root] === 0) return false;
    let top = slot;
    for (let up = this.parentOf(top); up !== NO_PARENT; up = this.parentOf(top)) top = up;
    return top === root;
  }

  #reserve(slot: number): void {
    if (slot < this.#degrees.length) return;
    const length = Math.max(slot + 1, this.#degrees.length * 2, 16);
    const degrees = new Uint16Array(length);
    degrees.set(this.#degrees);
    this.#degrees = degrees;
    this.#parents.reserve(length, NO_PARENT);
  }
}
