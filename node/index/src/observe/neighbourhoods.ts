import type { GraphView } from '../hnsw/graph-view.ts';
import { SeededRandom } from '../seeded-random.ts';

/** Where some rows lie among their neighbours. */
export interface Neighbourhoods {
  readonly slots: Int32Array;
  /** Nearest linked row of each, -1 for a row without links. */
  readonly nearestSlots: Int32Array;
  /** How far the neighbourhood of each reaches; 0 when it has none but equal rows. */
  readonly scales: Float64Array;
}

/** Rows examined at most; a share of 0.005 is then known within 0.0015. */
export const EXAMINED_ROWS_MAX = 8_192;

/** Measures the links of all rows, or of a seeded sample of them. */
export function examineNeighbourhoods(
  view: GraphView,
  liveSlots: Int32Array,
  seed: number,
): Neighbourhoods {
  const slots = sampled(liveSlots, seed);
  const nearestSlots = new Int32Array(slots.length).fill(-1);
  const scales = new Float64Array(slots.length);
  for (const [i, slot] of slots.entries()) {
    const targets = view.targets(0, slot).filter((target) => view.isLive(target));
    const distances = Float64Array.from(targets, (target) => view.distance(slot, target));
    nearestSlots[i] = nearestOf(targets, distances);
    scales[i] = scaleOf(distances);
  }
  return { slots, nearestSlots, scales };
}

/** The scale of a row that looks past its own links at those of its neighbours. */
export function widerScaleOf(view: GraphView, slot: number): number {
  const seen = new Set<number>();
  for (const target of view.targets(0, slot)) {
    if (!view.isLive(target)) continue;
    seen.add(target);
    for (const next of view.targets(0, target)) if (view.isLive(next)) seen.add(next);
  }
  seen.delete(slot);
  return scaleOf(Float64Array.from(seen, (target) => view.distance(slot, target)));
}

// The nearest link may be to a near-copy.
const SCALE_RANK = 2;

function scaleOf(distances: Float64Array): number {
  const positive = distances.filter((distance) => distance > 0).sort();
  return positive[Math.min(SCALE_RANK, positive.length) - 1] ?? 0;
}

function nearestOf(targets: Int32Array, distances: Float64Array): number {
  let nearest = -1;
  let least = Number.POSITIVE_INFINITY;
  for (const [i, target] of targets.entries()) {
    const distance = distances[i] as number;
    if (distance >= least) continue;
    least = distance;
    nearest = target;
  }
  return nearest;
}

function sampled(slots: Int32Array, seed: number): Int32Array {
  if (slots.length <= EXAMINED_ROWS_MAX) return slots;
  const random = new SeededRandom(seed);
  const chosen = slots.slice();
  for (let i = 0; i < EXAMINED_ROWS_MAX; i++) {
    const j = i + (random.nextUint32() % (chosen.length - i));
    const swapped = chosen[i] as number;
    chosen[i] = chosen[j] as number;
    chosen[j] = swapped;
  }
  return chosen.subarray(0, EXAMINED_ROWS_MAX);
}
