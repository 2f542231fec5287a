// Index generations: each adopted encoder version gets a collection of vectors of its own, built in
// the background slice by slice while the old one answers, and swapped in one step.

import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Collection as VectorCollection } from '@starling/index';
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
import { searchedSite } from './patterns/searched-site.ts';

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
  /** Folder of `index`, below that of all generations. */
  readonly folder: string;
  readonly index: VectorCollection;
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
    await this.#removeOthers(record?.folder);
    if (record === undefined || record.documents !== this.#collection.digest) return false;
    try {
      const { ref, version, efSearch, folder } = record;
      const bytes = await this.#world.payloads.fetch(ref, { providers: [] });
      const tensor = tensorFromBytes(bytes, parameterCount(this.#settings.shape));
      if (!tensor.ok) return false;
      const parameters = tensor.value;
      const index = await VectorCollection.open(join(this.#world.indexFolder, folder));
      const loaded = { version, ref, parameters, folder, index, efSearch };
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
  async insertNew(): Promise<void> {
    const generation = this.#active;
    if (generation === undefined) return;
    const documents = this.#collection.digest;
    await this.#insertMissing(generation);
    // Another may have taken its place meanwhile, and the record is about that one.
    if (this.#active === generation) await this.#record(generation, documents);
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error('the site stops'));
    this.#cancelWaiting?.();
    await this.#building?.catch(() => undefined);
    await this.#active?.index.close();
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
    const folder = `generation-${model.version}-${this.#collection.digest.slice(0, 12)}`;
    // The same encoder over the same documents.
    if (folder === this.#active?.folder) return;
    try {
      const generation = await this.#build(model, folder, startedMs);
      await this.#swap(generation);
      const { index, buildMs = 0, version } = generation;
      meter.observe('starling_peer_generation_seconds', buildMs / 1000);
      logger.info('generation swapped', { version, rows: index.size, buildMs });
    } catch (error) {
      if (this.#stopping.signal.aborted) return;
      throw error;
    } finally {
      this.#lastBuiltMs = clock.monotonicMs();
    }
  }

  /** A collection of every document in a new folder, tuned; closed again when that fails. */
  async #build(model: Model, folder: string, startedMs: number): Promise<Generation> {
    const path = join(this.#world.indexFolder, folder);
    await rm(path, { recursive: true, force: true });
    const { dimension } = this.#settings.shape;
    const index = await VectorCollection.open(path, { dimension, metric: 'cosine' });
    try {
      await index.load(this.#encodedSlices(model), { signal: this.#stopping.signal });
      const { version, ref, parameters } = model;
      await this.#insertMissing({ index, parameters });
      await index.checkpoint();
      const tuning = await this.#tune(model, index);
      const efSearch = tuning?.chosen.efSearch ?? EF_SEARCH_UNTUNED;
      const buildMs = this.#world.clock.monotonicMs() - startedMs;
      return { version, ref, parameters, folder, index, efSearch, tuning, buildMs };
    } catch (error) {
      await index.close().catch(() => undefined);
      throw error;
    }
  }

  async *#encodedSlices(model: Model): AsyncGenerator<{ ids: string[]; vectors: Float32Array }> {
    const { documents, answers } = this.#collection;
    for (let from = 0; from < documents.length; from += SLICE_ROWS) {
      const slice = documents.slice(from, from + SLICE_ROWS);
      const rows = slice.map((_, i) => from + i);
      const vectors = encode(this.#settings.shape, model.parameters, selectRows(answers, rows));
      yield { ids: slice.map(({ id }) => id), vectors };
      await this.#world.clock.sleep(0, this.#stopping.signal);
    }
  }

  async #tune(model: Model, index: VectorCollection): Promise<TuneEvidence | undefined> {
    const { shape, recallTarget } = this.#settings;
    const { queries } = this.#collection.split('validation');
    const count = Math.min(TUNING_QUERIES_MAX, queries.rows);
    if (count < 2) return undefined;
    const sample = selectRows(
      queries,
      Array.from({ length: count }, (_, i) => Math.floor((i * queries.rows) / count)),
    );
    const { clock } = this.#world;
    const { signal } = this.#stopping;
    const measured = { ...model, efSearch: EF_SEARCH_UNTUNED, index };
    const site = await searchedSite(measured, this.#collection, shape, { clock, signal });
    const k = Math.min(10, index.size);
    const own = encode(shape, model.parameters, sample);
    return tuneEfSearch(site.index, site.oracle, own, { k, recallTarget, signal });
  }

  async #insertMissing({ index, parameters }: Pick<Generation, 'index' | 'parameters'>) {
    const { answers, documents } = this.#collection;
    const rows = documents.flatMap(({ id }, row) => (index.has(id) ? [] : [row]));
    if (rows.length === 0) return;
    const ids = rows.map((row) => documents[row]?.id ?? '');
    const vectors = encode(this.#settings.shape, parameters, selectRows(answers, rows));
    await index.upsert({ ids, vectors });
  }

  async #swap(generation: Generation): Promise<void> {
    const before = this.#active;
    await this.#record(generation, this.#collection.digest);
    this.#active = generation;
    await this.insertNew();
    await before?.index.close();
    await this.#removeOthers(generation.folder);
  }

  async #record(generation: Generation, documents: string): Promise<void> {
    const { efSearch, folder, ref, version } = generation;
    const value = encodeCanonical({ documents, efSearch, folder, ref: { ...ref }, version });
    await this.#world.store.write([{ table: 'state', key: GENERATION_KEY, value }]);
  }

  /** Removes the folders of former generations and of builds that a crash cut short. */
  async #removeOthers(kept: string | undefined): Promise<void> {
    const { indexFolder } = this.#world;
    await mkdir(indexFolder, { recursive: true });
    for (const name of await readdir(indexFolder)) {
      if (name === kept || !name.startsWith('generation-')) continue;
      await rm(join(indexFolder, name), { recursive: true, force: true });
    }
  }
}
