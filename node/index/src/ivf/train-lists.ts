import { SeededRandom } from '../seeded-random.ts';
import type { Metric } from '../vector-index.ts';
import { CoarseQuantizer } from './coarse-quantizer.ts';
import { InvertedLists } from './inverted-lists.ts';
import { kMeans } from './k-means.ts';
import type { SourceRows } from './nearest-centroids.ts';

export interface TrainedLists {
  readonly quantizer: CoarseQuantizer;
  readonly lists: InvertedLists;
  readonly distanceComputations: number;
}

/** Rows per list that centroids are trained on. */
const ROWS_PER_LIST_MAX = 64;
const ITERATIONS_MAX = 10;

/**
 * Finds centroids for the rows of some lists and deals the rows out to new lists; the old ones stay
 * as they are.
 *
 * @throws IndexError `limit-exceeded` when there is no memory for a second copy
 */
export function trainLists(before: InvertedLists, lists: number, seed: number): TrainedLists {
  const { dimension, metric } = before.shape;
  const slots = slotsInOrder(before);
  const sample = sampleRows(before, slots, lists * ROWS_PER_LIST_MAX, seed);
  const trained = kMeans(sample, {
    dimension,
    clusters: lists,
    metric: clusteringMetric(metric),
    iterationsMax: ITERATIONS_MAX,
    pointsPerCentroidMax: ROWS_PER_LIST_MAX,
    seed,
  });
  const quantizer = new CoarseQuantizer(metric, dimension, trained.centroids);
  const listOf = assignInBlocks(before, slots, quantizer);
  return {
    quantizer,
    lists: dealOut(before, slots, listOf, lists),
    distanceComputations: trained.distanceComputations + slots.length * lists,
  };
}

/** The same lists without the places that moves have left behind. */
export function packLists(before: InvertedLists): InvertedLists {
  const slots = slotsInOrder(before);
  const listOf = new Int32Array(slots.length);
  let at = 0;
  for (let list = 0; list < before.lists; list++) {
    const size = before.sizeOf(list);
    listOf.fill(list, at, at + size);
    at += size;
  }
  return dealOut(before, slots, listOf, before.lists);
}

// Cells are Voronoi cells of means under every metric but cosine, whose means lie on the sphere.
function clusteringMetric(metric: Metric): 'euclidean' | 'cosine' {
  return metric === 'cosine' ? 'cosine' : 'euclidean';
}

function slotsInOrder(lists: InvertedLists): Int32Array {
  let count = 0;
  for (let list = 0; list < lists.lists; list++) count += lists.sizeOf(list);
  const slots = new Int32Array(count);
  let at = 0;
  for (let list = 0; list < lists.lists; list++) {
    slots.set(lists.slotsOf(list), at);
    at += lists.sizeOf(list);
  }
  return slots;
}

function sampleRows(
  lists: InvertedLists,
  slots: Int32Array,
  rowsMax: number,
  seed: number,
): SourceRows {
  const random = new SeededRandom(seed);
  const count = Math.min(slots.length, rowsMax);
  const rows = emptyRows(lists, count);
  let taken = 0;
  // Selection sampling (Knuth 1997, volume 2, Algorithm 3.4.2 S).
  for (let i = 0; taken < count; i++) {
    if ((slots.length - i) * random.nextOpenUnit() >= count - taken) continue;
    rows.set(lists.rowOf(slots[i] as number), taken * lists.shape.dimension);
    taken++;
  }
  return rows;
}

function assignInBlocks(
  lists: InvertedLists,
  slots: Int32Array,
  quantizer: CoarseQuantizer,
): Int32Array {
  const { dimension } = lists.shape;
  const listOf = new Int32Array(slots.length);
  for (let first = 0; first < slots.length; first += 256) {
    const block = slots.subarray(first, first + 256);
    const rows = emptyRows(lists, block.length);
    for (const [i, slot] of block.entries()) rows.set(lists.rowOf(slot), i * dimension);
    listOf.set(quantizer.assign(rows), first);
  }
  return listOf;
}

function dealOut(
  before: InvertedLists,
  slots: Int32Array,
  listOf: Int32Array,
  listCount: number,
): InvertedLists {
  const sizes = new Int32Array(listCount);
  for (const list of listOf) sizes[list] = (sizes[list] as number) + 1;
  const lists = new InvertedLists(before.shape, sizes);
  for (const [at, slot] of slots.entries()) {
    lists.restore(listOf[at] as number, slot, before.rowOf(slot));
  }
  return lists;
}

function emptyRows({ shape }: InvertedLists, count: number): SourceRows {
  const length = count * shape.dimension;
  return shape.vectorType === 'u8' ? new Uint8Array(length) : new Float32Array(length);
}
