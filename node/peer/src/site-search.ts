// One search at a site: encode the query, choose the width, ask the index, take note.

import { TrajectoryLog, type TrajectorySummary } from '@starling/learning';
import { type EncoderShape, encode, hashTexts } from '@starling/training';
import type { Collection, Document } from './collection.ts';
import type { PeerDependencies } from './dependencies.ts';
import type { IndexGenerations } from './index-generations.ts';
import type { SitePatterns } from './patterns/site-patterns.ts';
import { PeerError } from './peer-error.ts';

/** Most hits of one search. */
export const HITS_MAX = 1000;
export const QUERY_CHARS_MAX = 65_536;

export interface SearchAnswer extends Document {
  /** Cosine distance to the query, 0 … 2. */
  readonly distance: number;
}

export interface SearchParts {
  readonly collection: Collection;
  readonly generations: IndexGenerations;
  readonly patterns: SitePatterns;
  readonly shape: EncoderShape;
}

export class SiteSearch {
  readonly #world: Pick<PeerDependencies, 'clock' | 'meter'>;
  readonly #parts: SearchParts;
  readonly #trajectories = new TrajectoryLog();

  constructor(world: Pick<PeerDependencies, 'clock' | 'meter'>, parts: SearchParts) {
    this.#world = world;
    this.#parts = parts;
  }

  get summary(): TrajectorySummary | undefined {
    return this.#trajectories.summary();
  }

  /** @throws {PeerError} `not-ready` before the first generation, `limit-exceeded` */
  async search(text: string, k: number): Promise<SearchAnswer[]> {
    const { collection, generations, patterns, shape } = this.#parts;
    const generation = generations.active;
    if (generation === undefined) {
      throw new PeerError('not-ready', 'the index is still being built; try again in a moment');
    }
    if (!Number.isInteger(k) || k < 1 || k > HITS_MAX) {
      throw new PeerError('limit-exceeded', `k is ${k}: a whole number from 1 to ${HITS_MAX}`);
    }
    if (text.length > QUERY_CHARS_MAX) {
      throw new PeerError('limit-exceeded', `a query has at most ${QUERY_CHARS_MAX} characters`);
    }
    const { clock, meter } = this.#world;
    const startedMs = clock.monotonicMs();
    const features = hashTexts([text], shape.buckets);
    const query = encode(shape, generation.parameters, features);
    const efSearch = Math.max(patterns.efSearchFor(features, k, generation.efSearch), k);
    const { distanceComputations, hits } = await generation.index.search(query, { k, efSearch });
    const latencyMs = clock.monotonicMs() - startedMs;
    this.#trajectories.record({
      startedAtMs: clock.nowMs(),
      latencyMicros: Math.round(latencyMs * 1000),
      k,
      efSearch,
      distanceComputations,
      hits: hits.length,
    });
    patterns.record(features, { query, k, hits, generation });
    meter.observe('starling_peer_search_seconds', latencyMs / 1000);
    return hits.flatMap(({ id, distance }) => {
      const document = collection.find(id);
      return document === undefined ? [] : [{ ...document, distance }];
    });
  }
}
