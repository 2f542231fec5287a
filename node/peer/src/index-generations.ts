// Index generations: each adopted encoder version gets an index of its own, built in the background
// slice by slice while the old one answers, and swapped in one step, on disk and in memory.

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { FlatIndex, HnswIndex, openIndex, type VectorIndex } from '@starling/index';
import { type TuneEvidence, tuneEfSearch } from '@starling/learning';
import type { Cancel, PayloadRef } from '@starling/shared';
import {
  decodeCanonical,
  digestSchema,
  encodeCanonical,
  payloadRefSchema,
  tensorFromBytes,
  uintSchema,
  z,
} from '@starling/shared';
import { type EncoderShape, encode, parameterCount, selectRows } from '@starling/training';
import type { Collection } from './collection.ts';
import type { PeerDependencies } from './dependencies.ts';
import type { Model } from './model-versions.ts';

/** Rows inserted between two turns of the event loop. */
const SLICE_ROWS = 32;
/** Own queries on which a generation's search width is measured. */
const TUNING_QUERIES_MAX = 200;
/** Search width of a generation that no own query could be measured on. */
const EF_SEARCH_UNTUNED = 64;
const GENERATION_KEY = 'generation';

export interface Generation {
  readonly version: number;
  /** Content reference of `parameters`. */
  readonly ref: PayloadRef;
  /** `[buckets × dimension]`, the encoder that the rows were encoded with. */
  readonly parameters: Float32Array;
  readonly index: VectorIndex;
  /** Narrowest search width that met the recall target on this site's queries, or the best one. */
  readonly efSearch: number;
  readonly tuning: TuneEvidence | undefined;
  /** Undefined when it was opened from disk. */
  readonly buildMs: number | undefined;
}

export interface GenerationSettings {
  readonly shape: EncoderShape;
  readonly intervalMs: number;
  readonly recallTarget: number;
}

const recordSchema = z.strictObject({
  documents: digestSchema,
  efSearch: uintSchema,
  folder: z.string(),
  ref: payloadRefSchema,
  version: uintSchema,
});

/** Invariant: `active` holds every document, also those added while it was built. */
export class IndexGenerations {
  readonly #world: PeerDependencies;
  readonly #collection: Collection;
  readonly #settings: GenerationSettings;
  readonly #stopping = new AbortController();
  #active: Generation | undefined;
  #wanted: Model | undefined;
  #building: Promise<void> | undefined;
  #cancelWaiting: Cancel | undefined;
  #lastBuiltMs = Number.NEGATIVE_INFINITY;

  constructor(world: PeerDependencies, collection: Collection, settings: GenerationSettings) {
    this.#world = world;
    this.#collection = collection;
    this.#settings = settings;
  }

  get active(): Generation | undefined {
    return this.#active;
  }

  get building(): boolean {
    return this.#building !== undefined;
  }

  /** Opens the generation on disk if it covers today's documents; false when one must be built. */
  async open(): Promise<boolean> {
    const stored = await this.#world.store.get('state', GENERATION_KEY);
    const decoded = stored === undefined ? undefined : decodeCanonical(stored, 4096);
    const record = decoded?.ok ? recordSchema.safeParse(decoded.value).data : undefined;
    if (record === undefined || record.documents !== this.#collection.digest) return false;
    try {
      const index = await openIndex(join(this.#world.indexFolder, record.folder));
      const bytes = await this.#world.payloads.fetch(record.ref, { providers: [] });
      const tensor = tensorFromBytes(bytes, parameterCount(this.#settings.shape));
      if (!tensor.ok) return false;
      const { ref, version, efSearch } = record;
      const parameters = tensor.value;
      const loaded = { version, ref, parameters, index, efSearch };
      this.#active = { ...loaded, tuning: undefined, buildMs: undefined };
      return true;
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      this.#world.logger.warn('stored generation not opened, building anew', { detail });
      return false;
    }
  }

  /**
   * Asks for a generation of this model. Builds are spaced by the interval, and a newer request
   * replaces a waiting one; an `urgent` request does not wait for the interval.
   */
  request(model: Model, urgent: boolean): void {
    this.#wanted = model;
    if (this.#building !== undefined || this.#stopping.signal.aborted) return;
    const { clock, logger } = this.#world;
    const waitMs = this.#lastBuiltMs + this.#settings.intervalMs - clock.monotonicMs();
    this.#cancelWaiting?.();
    if (!urgent && this.#active !== undefined && waitMs > 0) {
      this.#cancelWaiting = clock.after(waitMs, () => this.#requestWanted());
      return;
    }
    const building = this.#buildWanted().finally(() => {
      this.#building = undefined;
    });
    this.#building = building;
    building.then(
      () => this.#requestWanted(),
      (error: unknown) => {
        const detail = error instanceof Error ? error.message : String(error);
        logger.error('generation not built', { version: model.version, detail });
      },
    );
  }

  /** Resolves when the generation of this model, or a later one, answers. */
  async ensure(model: Model): Promise<Generation> {
    for (;;) {
      if (this.#active !== undefined && this.#active.version >= model.version) return this.#active;
      this.#stopping.signal.throwIfAborted();
      this.request(model, true);
      await this.#building;
    }
  }

  /** Adds the documents that came since the active generation was built. */
  insertNew(): void {
    if (this.#active !== undefined) this.#insertMissing(this.#active);
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error('the site stops'));
    this.#cancelWaiting?.();
    await this.#building?.catch(() => undefined);
  }

  #requestWanted(): void {
    if (this.#wanted !== undefined) this.request(this.#wanted, false);
  }

  async #buildWanted(): Promise<void> {
    const model = this.#wanted;
    if (model === undefined) return;
    this.#wanted = undefined;
    const { clock, logger, meter } = this.#world;
    const startedMs = clock.monotonicMs();
    try {
      const index = await this.#build(model);
      this.#insertMissing({ index, parameters: model.parameters });
      const tuning = this.#tune(model, index);
      const buildMs = clock.monotonicMs() - startedMs;
      await this.#swap(model, index, tuning, buildMs);
      meter.observe('starling_peer_generation_seconds', buildMs / 1000);
      logger.info('generation swapped', { version: model.version, rows: index.size, buildMs });
    } catch (error) {
      if (this.#stopping.signal.aborted) return;
      throw error;
    } finally {
      this.#lastBuiltMs = clock.monotonicMs();
    }
  }

  async #build(model: Model): Promise<HnswIndex> {
    const { shape } = this.#settings;
    const index = new HnswIndex({ dimension: shape.dimension, metric: 'cosine' });
    const { documents, answers } = this.#collection;
    for (let from = 0; from < documents.length; from += SLICE_ROWS) {
      this.#stopping.signal.throwIfAborted();
      const slice = documents.slice(from, from + SLICE_ROWS);
      const rows = slice.map((_, i) => from + i);
      const vectors = encode(shape, model.parameters, selectRows(answers, rows));
      const ids = slice.map(({ id }) => id);
      index.insertBatch(ids, vectors);
      await this.#world.clock.sleep(0, this.#stopping.signal);
    }
    return index;
  }

  #tune(model: Model, index: HnswIndex): TuneEvidence | undefined {
    const { shape, recallTarget } = this.#settings;
    const { queries } = this.#collection.split('validation');
    const count = Math.min(TUNING_QUERIES_MAX, queries.rows);
    if (count < 2) return undefined;
    const sample = selectRows(
      queries,
      Array.from({ length: count }, (_, i) => Math.floor((i * queries.rows) / count)),
    );
    const oracle = new FlatIndex({ dimension: shape.dimension, metric: 'cosine' });
    const ids = this.#collection.documents.map(({ id }) => id);
    oracle.insertBatch(ids, encode(shape, model.parameters, this.#collection.answers));
    const k = Math.min(10, index.size);
    const own = encode(shape, model.parameters, sample);
    return tuneEfSearch(index, oracle, own, { k, recallTarget });
  }

  #insertMissing({ index, parameters }: Pick<Generation, 'index' | 'parameters'>): void {
    const { answers, documents } = this.#collection;
    const rows = documents.flatMap(({ id }, row) => (index.has(id) ? [] : [row]));
    if (rows.length === 0) return;
    const ids = rows.map((row) => documents[row]?.id ?? '');
    index.insertBatch(ids, encode(this.#settings.shape, parameters, selectRows(answers, rows)));
  }

  async #swap(
    model: Model,
    index: HnswIndex,
    tuning: TuneEvidence | undefined,
    buildMs: number,
  ): Promise<void> {
    const { indexFolder, store } = this.#world;
    const documents = this.#collection.digest;
    const folder = `generation-${model.version}-${documents.slice(0, 12)}`;
    await index.save(join(indexFolder, folder), { signal: this.#stopping.signal });
    const efSearch = tuning?.chosen.efSearch ?? EF_SEARCH_UNTUNED;
    const record = encodeCanonical({
      documents,
      efSearch,
      folder,
      ref: { ...model.ref },
      version: model.version,
    });
    const before = await store.get('state', GENERATION_KEY);
    await store.write([{ table: 'state', key: GENERATION_KEY, value: record }]);
    const { version, ref, parameters } = model;
    this.#active = { version, ref, parameters, index, efSearch, tuning, buildMs };
    this.insertNew();
    const old = before === undefined ? undefined : decodeCanonical(before, 4096);
    const oldFolder = old?.ok ? recordSchema.safeParse(old.value).data?.folder : undefined;
    if (oldFolder !== undefined && oldFolder !== folder) {
      await rm(join(indexFolder, oldFolder), { recursive: true, force: true });
    }
  }
}
