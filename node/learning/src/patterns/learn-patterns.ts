// Trajectories → clusters → patterns. Queries are clustered in the base space (spherical k-means,
// k-means++ seeding); each cluster of enough queries gets the narrowest search width that meets the
// target on its own queries.

import { kMeansSteps } from '@starling/index';
import { toMicros } from '@starling/shared';
import { LearningError } from '../learning-error.ts';
import {
  type MeasuredIndex,
  medianOf,
  percentileOf,
  recallLowerBound,
  rowsOf,
} from '../measure-queries.ts';
import { EF_LADDER_DEFAULT, type TuneEvidence, tuneEfSearch } from '../tune-ef-search.ts';
import {
  isNowhere,
  PATTERN_LIMITS,
  quantised,
  type SearchPattern,
  squaredDistance,
} from './search-pattern.ts';

/** Queries in both spaces, row by row. */
export interface BasedQueries {
  /** `[count × base dimension]`, rows of unit length, or zero for a query without words. */
  readonly base: Float32Array;
  /** `[count × index dimension]`, as the index is searched with them. */
  readonly encoded: Float32Array;
  readonly count: number;
}

export interface LearnOptions {
  readonly k: number;
  /** Mean recall@k that both halves of a cluster's queries must reach, in (0, 1]. */
  readonly recallTarget: number;
  /** Quantisation of the base space, the same for a whole federation. */
  readonly scale: number;
  readonly seed: number;
  /** Widths to try, strictly ascending. */
  readonly efLadder?: readonly number[];
  /** Queries that a cluster has on average. */
  readonly queriesPerCluster?: number;
  /** Queries per cluster that are measured. */
  readonly measuredMax?: number;
  /** Awaited between steps of the clustering, so that others get a turn. */
  readonly pause?: () => Promise<void>;
  readonly signal?: AbortSignal;
}

export const LEARN_DEFAULTS = Object.freeze({
  efLadder: EF_LADDER_DEFAULT,
  queriesPerCluster: 250,
  measuredMax: 200,
});

export const CLUSTERS_MAX = 64;
/** Share of a cluster's queries that its radius covers; the farthest belong nowhere. */
const COVERED_SHARE = 0.9;

/**
 * The patterns of a site's queries, largest first. A cluster gives none when its radius covers fewer
 * than `queriesMin` queries or no width meets the target.
 *
 * @param oracle - an exact index over the same rows
 * @throws LearningError `invalid-option`, `indexes-differ`
 */
export async function learnPatterns(
  index: MeasuredIndex,
  oracle: MeasuredIndex,
  asked: BasedQueries,
  options: LearnOptions,
): Promise<SearchPattern[]> {
  const settings = { ...LEARN_DEFAULTS, ...options };
  checkQueries(asked, index, settings);
  const patterns: SearchPattern[] = [];
  for (const cluster of await clustersOf(asked, settings)) {
    if (cluster.rows.length < PATTERN_LIMITS.queriesMin) continue;
    settings.signal?.throwIfAborted();
    const rows = evenly(cluster.rows, settings.measuredMax);
    const queries = joined(rows, asked.encoded, index.dimension);
    const evidence = await tuneEfSearch(index, oracle, queries, settings);
    if (evidence.isTargetMet) patterns.push(patternOf(cluster, evidence));
  }
  return patterns.sort((a, b) => b.queries - a.queries);
}

interface Cluster {
  readonly centroid: Int8Array;
  readonly radius: number;
  /** Rows of the queries within the radius. */
  readonly rows: readonly number[];
}

type Settings = LearnOptions & Required<Pick<LearnOptions, keyof typeof LEARN_DEFAULTS>>;

function patternOf({ centroid, radius, rows }: Cluster, evidence: TuneEvidence): SearchPattern {
  const { chosen, k, measures } = evidence;
  const heldOut = measures.filter((_, row) => row % 2 === 1).map(({ recall }) => recall);
  return {
    centroid,
    radius,
    k,
    efSearch: chosen.efSearch,
    expectedRecallMicros: toMicros(recallLowerBound(heldOut)),
    cost: medianOf(measures.map(({ distanceComputations }) => distanceComputations)),
    queries: rows.length,
  };
}

/** Queries belong to the nearest quantised centroid, as a lookup finds it. */
async function clustersOf(asked: BasedQueries, settings: Settings): Promise<Cluster[]> {
  const dimension = asked.base.length / asked.count;
  const points = rowsOf(asked.base, dimension).map((vector) => quantised(vector, settings.scale));
  const rows = points.flatMap((point, row) => (isNowhere(point) ? [] : [row]));
  if (rows.length < PATTERN_LIMITS.queriesMin) return [];
  const clusters = Math.min(
    CLUSTERS_MAX,
    Math.max(1, Math.floor(rows.length / settings.queriesPerCluster)),
  );
  const centroids = await centroidsOf(joined(rows, asked.base, dimension), {
    ...settings,
    clusters,
    dimension,
  });
  const members = centroids.map((): { row: number; distance: number }[] => []);
  for (const row of rows) {
    const point = points[row] as Int8Array;
    const distances = centroids.map((centroid) => squaredDistance(centroid, point));
    const distance = Math.min(...distances);
    members[distances.indexOf(distance)]?.push({ row, distance });
  }
  return centroids.map((centroid, i) => covered(centroid, members[i] ?? []));
}

async function centroidsOf(
  rows: Float32Array,
  settings: Settings & { readonly clusters: number; readonly dimension: number },
): Promise<Int8Array[]> {
  const { clusters, dimension, pause, scale, seed, signal } = settings;
  const aborting = signal === undefined ? {} : { signal };
  const space = { clusters, dimension, metric: 'cosine', seed } as const;
  const steps = kMeansSteps(rows, { ...space, ...aborting });
  for (;;) {
    const { done, value } = steps.next();
    if (done) return rowsOf(value.centroids, dimension).map((row) => quantised(row, scale));
    await pause?.();
  }
}

function covered(
  centroid: Int8Array,
  members: readonly { readonly row: number; readonly distance: number }[],
): Cluster {
  if (members.length === 0) return { centroid, radius: 0, rows: [] };
  const radius = percentileOf(
    members.map(({ distance }) => distance),
    COVERED_SHARE,
  );
  const rows = members.filter(({ distance }) => distance <= radius).map(({ row }) => row);
  return { centroid, radius, rows };
}

/** At most `max` of the values, spread over all of them. */
export function evenly<T>(values: readonly T[], max: number): T[] {
  const count = Math.min(max, values.length);
  return Array.from(
    { length: count },
    (_, i) => values[Math.floor((i * values.length) / count)] as T,
  );
}

/** The rows of `[count × dimension]` named, one after the other. */
export function joined(
  rows: readonly number[],
  vectors: Float32Array,
  dimension: number,
): Float32Array {
  const found = new Float32Array(rows.length * dimension);
  for (const [i, row] of rows.entries()) {
    found.set(vectors.subarray(row * dimension, (row + 1) * dimension), i * dimension);
  }
  return found;
}

function checkQueries(asked: BasedQueries, index: MeasuredIndex, settings: Settings): void {
  const { base, count, encoded } = asked;
  const refuse = (message: string) => new LearningError('invalid-option', message);
  if (encoded.length !== count * index.dimension || (count > 0 && base.length % count !== 0)) {
    throw refuse(
      `${base.length} and ${encoded.length} components are not ${count} queries of the base space ` +
        `and of an index of dimension ${index.dimension}`,
    );
  }
  const { measuredMax, queriesPerCluster, scale } = settings;
  const { queriesMin } = PATTERN_LIMITS;
  if (!(Number.isInteger(scale) && scale >= 1))
    throw refuse(`scale = ${scale} violates scale >= 1`);
  for (const [name, value] of Object.entries({ measuredMax, queriesPerCluster })) {
    if (Number.isInteger(value) && value >= queriesMin) continue;
    throw refuse(`${name} = ${value} violates ${name} >= queriesMin = ${queriesMin}`);
  }
}
