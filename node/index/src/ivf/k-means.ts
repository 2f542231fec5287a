// Lloyd's iterations (Lloyd 1982) after k-means++ seeding (Arthur & Vassilvitskii 2007), on a
// sample of the rows; `cosine` is spherical k-means (Dhillon & Modha 2001).

import { checkInteger } from '../check-input.ts';
import { writeRow } from '../codec/distance.ts';
import { INDEX_LIMITS } from '../index-limits.ts';
import { SeededRandom } from '../seeded-random.ts';
import { moveCentroids } from './move-centroids.ts';
import { NearestCentroids, type SourceRows } from './nearest-centroids.ts';
import { seedCentroids } from './seed-centroids.ts';

export interface KMeansOptions {
  /** Components of a row. */
  readonly dimension: number;
  /** k: how many centroids are wanted. */
  readonly clusters: number;
  /** Under `cosine` rows and centroids have length one. */
  readonly metric: 'euclidean' | 'cosine';
  /** Equal seeds, rows and options give equal centroids. */
  readonly seed: number;
  /** Lloyd iterations at most; it ends before when the inertia no longer falls. */
  readonly iterationsMax: number;
  /** Rows per centroid to train on; more are sampled down to this. */
  readonly pointsPerCentroidMax: number;
  /** Only components `[from, to)` of each row take part, as product quantisation needs. */
  readonly from: number;
  readonly to: number;
  /** Looked at before every iteration. */
  readonly signal?: AbortSignal;
}

/** What a caller must say; everything else has a default. */
export type KMeansSettings = Pick<KMeansOptions, 'dimension' | 'clusters'> & Partial<KMeansOptions>;

/** The sampling limit is that of Faiss (`max_points_per_centroid`). */
export const K_MEANS_DEFAULTS = Object.freeze({
  metric: 'euclidean',
  seed: 1,
  iterationsMax: 16,
  pointsPerCentroidMax: 256,
  from: 0,
} as const);

export interface KMeansResult {
  /** `[clusters × (to − from)]`, row after row. */
  readonly centroids: Float32Array<ArrayBuffer>;
  /** Sum of the squared distances of the sampled rows from their nearest centroids. */
  readonly inertia: number;
  /** The inertia before every iteration; it never rises. */
  readonly inertias: readonly number[];
  readonly sampledRows: number;
  readonly distanceComputations: number;
}

/** Bytes of the copy that is trained on. */
const TRAINING_BYTES_MAX = 2 ** 30;

/**
 * Finds `clusters` centroids. With no more rows than clusters every row is one of them and rows
 * repeat; where fewer distinct rows than clusters exist, some centroids are nobody's nearest.
 *
 * @param rows - `[n × dimension]`, at least one row, every component finite
 * @throws IndexError `invalid-option`, `limit-exceeded`, `missing-kernel`
 */
export function kMeans(rows: SourceRows, settings: KMeansSettings): KMeansResult {
  const steps = kMeansSteps(rows, settings);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** The same with a pause, and the inertia so far, before every iteration. */
export function* kMeansSteps(
  rows: SourceRows,
  settings: KMeansSettings,
): Generator<number, KMeansResult, void> {
  const options = checkKMeansOptions(settings, rows.length);
  const { clusters, iterationsMax, metric, signal } = options;
  signal?.throwIfAborted();
  const random = new SeededRandom(options.seed);
  const space = sampleRows(rows, options, random);
  const count = space.capacity;
  let distanceComputations = seedCentroids(space, random);
  const best = space.centroids.slice();
  const inertias: number[] = [];
  for (let iteration = 0; ; iteration++) {
    signal?.throwIfAborted();
    space.reassign(count);
    distanceComputations += count * (clusters + 1);
    const inertia = inertiaOf(space);
    // Rounding may end a descent with a step up.
    if (inertia >= (inertias.at(-1) ?? Number.POSITIVE_INFINITY)) break;
    inertias.push(inertia);
    best.set(space.centroids);
    if (iteration >= iterationsMax || inertia === 0) break;
    yield inertia;
    moveCentroids(space, metric, random);
  }
  return {
    centroids: withoutPadding(best, space),
    inertia: inertias.at(-1) ?? 0,
    inertias,
    sampledRows: count,
    distanceComputations,
  };
}

function checkKMeansOptions(settings: KMeansSettings, components: number): KMeansOptions {
  const { dimension } = settings;
  const options: KMeansOptions = { ...K_MEANS_DEFAULTS, to: dimension, ...settings };
  checkInteger('dimension', dimension, 1, INDEX_LIMITS.dimensionMax);
  checkInteger('from', options.from, 0, dimension - 1);
  checkInteger('to', options.to, options.from + 1, dimension);
  checkInteger('rows', components / dimension, 1, Number.MAX_SAFE_INTEGER);
  checkInteger('clusters', options.clusters, 1, INDEX_LIMITS.maxElementsMax);
  checkInteger('seed', options.seed, 0, 0xffff_ffff);
  checkInteger('iterationsMax', options.iterationsMax, 0, 1_000);
  checkInteger('pointsPerCentroidMax', options.pointsPerCentroidMax, 1, 1_000_000);
  return options;
}

function sampleRows(
  rows: SourceRows,
  options: KMeansOptions,
  random: SeededRandom,
): NearestCentroids {
  const { clusters, dimension, from, metric, pointsPerCentroidMax, to } = options;
  const rowCount = rows.length / dimension;
  const rowBytes = Math.ceil((to - from) / 4) * 16;
  const memoryRows = Math.max(clusters, Math.floor(TRAINING_BYTES_MAX / rowBytes));
  const count = Math.min(rowCount, clusters * pointsPerCentroidMax, memoryRows);
  const space = new NearestCentroids(to - from, clusters, count);
  let taken = 0;
  // Selection sampling (Knuth 1997, volume 2, Algorithm 3.4.2 S): every sample is as likely.
  for (let row = 0; taken < count; row++) {
    if ((rowCount - row) * random.nextOpenUnit() >= count - taken) continue;
    space.putRow(taken, rows, row, dimension, from);
    if (metric === 'cosine') scaleToUnit(space, taken);
    taken++;
  }
  return space;
}

function scaleToUnit({ dimension, rowLength, rows }: NearestCentroids, row: number): void {
  const start = row * rowLength;
  writeRow('cosine', rows, start, rows, start, dimension);
  // A zero row has no direction; it takes that of the first axis, lest a centroid be zero.
  if (rows.subarray(start, start + dimension).every((value) => value === 0)) rows[start] = 1;
}

function inertiaOf({ capacity, squares }: NearestCentroids): number {
  let inertia = 0;
  for (let row = 0; row < capacity; row++) inertia += squares[row] as number;
  return inertia;
}

function withoutPadding(
  padded: Float32Array,
  { clusters, dimension, rowLength }: NearestCentroids,
) {
  const centroids = new Float32Array(clusters * dimension);
  for (let c = 0; c < clusters; c++) {
    const start = c * rowLength;
    centroids.set(padded.subarray(start, start + dimension), c * dimension);
  }
  return centroids;
}
