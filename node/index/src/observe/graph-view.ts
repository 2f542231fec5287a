/**
 * A graph as the observer sees it: slots, layers and links, whatever keeps them.
 *
 * Invariant: nothing changes while an inspection reads it, unless the inspection gives way.
 */
export interface GraphView {
  /** Slots that were ever used: live and dead ones. */
  readonly slotCount: number;
  readonly layerCount: number;
  /** Where every search begins; below zero when there is no live row. */
  readonly entrySlot: number;
  isLive(slot: number): boolean;
  /** The highest layer that a live slot is on. */
  levelOf(slot: number): number;
  /** The slots that `slot` links to on a layer; may name dead ones, which searches pass over. */
  targets(level: number, slot: number): Int32Array;
  /** How far two rows are apart, as searches report it. */
  distance(a: number, b: number): number;
}
