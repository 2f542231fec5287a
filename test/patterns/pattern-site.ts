// A site without a network: documents, one generation over them, and its patterns.

import { join } from 'node:path';
import { ManualClock, MemoryPeerStore } from '@starling/adapters';
import { Collection as VectorCollection } from '@starling/index';
import {
  Collection,
  DEFAULT_PATTERN_OPTIONS,
  type Generation,
  type PatternOptions,
  SitePatterns,
} from '@starling/peer';
import { defaultChainRules } from '@starling/rules';
import { type ChainRules, type Digest, NO_METER, type Pattern } from '@starling/shared';
import { encode, hashTexts, initialParameters, type SparseRows } from '@starling/training';
import type { ExecutionContext } from 'ava';
import { temporaryFolder } from '../contracts/temporary-folder.ts';

export const ENCODER = Object.freeze({ buckets: 512, dimension: 16 });
export const RULES: ChainRules = defaultChainRules({ encoder: ENCODER });
const SEED = 7;
/** Wider than these documents need, so that there is something to learn. */
const EF_SEARCH = 48;

const TOPICS = ['heron wades in shallow water', 'kite soars over the ridge', 'wren sings at dawn'];

export interface SiteSettings {
  readonly documents: number;
  readonly options: Partial<PatternOptions>;
  readonly isChainOpen: boolean;
}

export class PatternSite {
  readonly clock = new ManualClock();
  readonly store = new MemoryPeerStore();
  readonly collection: Collection;
  /** A test may put another generation in its place. */
  readonly generations: { active: Generation };
  readonly #settings: SiteSettings;

  private constructor(collection: Collection, generation: Generation, settings: SiteSettings) {
    this.collection = collection;
    this.generations = { active: generation };
    this.#settings = settings;
  }

  static async open(
    t: ExecutionContext,
    name: string,
    settings: Partial<SiteSettings> = {},
  ): Promise<PatternSite> {
    const { documents, ...rest } = { documents: 600, options: {}, isChainOpen: true, ...settings };
    const store = new MemoryPeerStore();
    const collection = await Collection.open(store, ENCODER.buckets, SEED);
    await collection.add(documentsOf(name, documents));
    const parameters = initialParameters(ENCODER, SEED);
    const folder = temporaryFolder(t);
    const index = await VectorCollection.open(join(folder, 'index'), {
      dimension: ENCODER.dimension,
      metric: 'cosine',
      m: 6,
      efConstruction: 40,
    });
    t.teardown(() => index.close());
    const ids = collection.documents.map(({ id }) => id);
    await index.upsert({ ids, vectors: encode(ENCODER, parameters, collection.answers) });
    const ref = { bytes: 0, root: '00'.repeat(32) as Digest };
    const built = { version: 0, ref, folder, tuning: undefined, buildMs: undefined };
    const generation = { ...built, parameters, index, efSearch: EF_SEARCH };
    return new PatternSite(collection, generation, { documents, ...rest });
  }

  get generation(): Generation {
    return this.generations.active;
  }

  /** The site's patterns, from what is on its disk. */
  async start(t: ExecutionContext, options: Partial<PatternOptions> = {}): Promise<SitePatterns> {
    const { clock, collection, generations, store } = this;
    const logger = { debug: nothing, info: nothing, warn: nothing, error: nothing };
    const patterns = await SitePatterns.open(
      { clock, logger: logger as never, meter: NO_METER, store },
      {
        chain: {
          known: this.#settings.isChainOpen
            ? { body: { collection: 'documents', rules: RULES } }
            : undefined,
        },
        collection,
        generations,
        shape: ENCODER,
        seed: SEED,
        recallTarget: 0.97,
        options: { ...DEFAULT_PATTERN_OPTIONS, ...this.#settings.options, ...options },
      },
    );
    t.teardown(() => patterns.stop());
    return patterns;
  }

  /** Moves time until the promise is settled. */
  async settled<T>(promise: Promise<T>): Promise<T> {
    let isSettled = false;
    const end = () => {
      isSettled = true;
    };
    promise.then(end, end);
    while (!isSettled) await this.clock.advance(1);
    return promise;
  }

  /** Asks a text as a search does, and lets the site take note. */
  async ask(patterns: SitePatterns, text: string, k = 10): Promise<void> {
    const { generation } = this;
    const features = featuresOf(text);
    const query = encode(ENCODER, generation.parameters, features);
    const { hits } = await generation.index.search(query, { k, efSearch: EF_SEARCH });
    patterns.record(features, { query, k, hits, generation });
  }
}

export function featuresOf(text: string): SparseRows {
  return hashTexts([text], ENCODER.buckets);
}

export function queryOf(name: string, i: number): string {
  return `where does note ${i} of ${name} say that the ${TOPICS[i % TOPICS.length]}`;
}

/** A pattern over all queries of these sites, unless something else is said. */
export function wirePattern(centroidOf: Int8Array, change: Partial<Pattern> = {}): Pattern {
  return {
    centroid: new Uint8Array(centroidOf),
    collection: 'documents',
    cost: 100,
    efSearch: 48,
    expectedRecallMicros: 800_000,
    k: 10,
    queries: 60,
    radius: 4 * 127 ** 2,
    ...change,
  };
}

function documentsOf(name: string, count: number) {
  return Array.from({ length: count }, (_, i) => ({
    query: queryOf(name, i),
    answer: `${name} note ${i}: the ${TOPICS[i % TOPICS.length]}, seen ${i * 37} times`,
    source: `${name}/${i}.md`,
  }));
}

function nothing(): void {}
