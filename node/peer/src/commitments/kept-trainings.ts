// The newest rounds that this site trained for, on its disk: record, salt, difference, and which
// documents it was. What a restart goes on with, and what `update verify` runs again.

import {
  bytesSchema,
  type CborValue,
  type Digest,
  decodeCanonical,
  digestSchema,
  encodeCanonical,
  type PeerStore,
  type PeerWrite,
  RECORD_BYTES_MAX,
  tensorFromBytes,
  tensorToBytes,
  uintSchema,
  z,
} from '@starling/shared';
import { decodeData, encodeData, type TrainingData } from './training-data.ts';
import { commitTo, type TrainingRecord, trainingRecordSchema } from './training-record.ts';

/** Rounds whose training is kept. */
export const TRAININGS_KEPT_MAX = 8;
/** Largest difference that is kept; a larger one is verified by its digest alone. */
export const DELTA_KEPT_BYTES_MAX = 64 * 1024 * 1024;

const INDEX_KEY = 'rounds';
const CHUNK_BYTES = 4 * 1024 * 1024;

const indexSchema = z
  .array(
    z.strictObject({
      base: digestSchema,
      /** Records that the difference is stored in; 0 when it was too large. */
      chunks: uintSchema,
      data: digestSchema,
      examples: uintSchema,
      round: uintSchema.min(1),
    }),
  )
  .max(TRAININGS_KEPT_MAX);
type Index = z.infer<typeof indexSchema>;

const storedSchema = z.strictObject({ record: trainingRecordSchema, salt: bytesSchema });

export interface KeptTraining {
  readonly record: TrainingRecord;
  readonly salt: Uint8Array;
  /** What the site's signed message carried. */
  readonly commitment: Digest;
}

/** Invariant: whatever the index names is stored; both are written together. */
export class KeptTrainings {
  readonly #store: PeerStore;
  #index: Index;

  private constructor(store: PeerStore, index: Index) {
    this.#store = store;
    this.#index = index;
  }

  static async open(store: PeerStore): Promise<KeptTrainings> {
    const stored = await store.get('commitment', INDEX_KEY);
    return new KeptTrainings(store, stored === undefined ? [] : decoded(stored, indexSchema));
  }

  /** Rounds, oldest first. */
  get rounds(): number[] {
    return this.#index.map(({ round }) => round);
  }

  /** Content roots of the models that were trained from. */
  get bases(): Digest[] {
    return this.#index.map(({ base }) => base);
  }

  /** Examples of the newest training. */
  get newestExamples(): number | undefined {
    return this.#index.at(-1)?.examples;
  }

  async all(): Promise<KeptTraining[]> {
    const all = await Promise.all(this.rounds.map((round) => this.of(round)));
    return all.filter((each) => each !== undefined);
  }

  async of(round: number): Promise<KeptTraining | undefined> {
    if (!this.rounds.includes(round)) return undefined;
    const stored = await this.#store.get('commitment', recordKey(round));
    if (stored === undefined) return undefined;
    const { record, salt } = decoded(stored, storedSchema);
    return { record, salt, commitment: commitTo(record, salt) };
  }

  /** The difference of a round, `[elements]`; undefined when it was too large to be kept. */
  async deltaOf({ elements, round }: TrainingRecord): Promise<Float32Array | undefined> {
    const chunks = this.#index.find((each) => each.round === round)?.chunks ?? 0;
    if (chunks === 0) return undefined;
    const bytes = new Uint8Array(elements * 4);
    for (let i = 0; i < chunks; i++) {
      const chunk = await this.#store.get('commitment', chunkKey(round, i));
      if (chunk === undefined) return undefined;
      bytes.set(chunk, i * CHUNK_BYTES);
    }
    const tensor = tensorFromBytes(bytes, elements);
    return tensor.ok ? tensor.value : undefined;
  }

  /** The documents that a round trained on. */
  async dataOf({ data }: TrainingRecord): Promise<TrainingData | undefined> {
    const stored = await this.#store.get('commitment', dataKey(data));
    return stored === undefined ? undefined : decodeData(stored);
  }

  /**
   * Keeps a training, durable when it resolves; the oldest ones go.
   * @returns the commitment
   */
  async keep(
    record: TrainingRecord,
    salt: Uint8Array,
    { data, delta }: { readonly data: TrainingData; readonly delta: Float32Array },
  ): Promise<Digest> {
    const { base, examples, round } = record;
    const isKept = delta.byteLength <= DELTA_KEPT_BYTES_MAX;
    const chunks = isKept ? Math.ceil(delta.byteLength / CHUNK_BYTES) : 0;
    const others = this.#index.filter((each) => each.round !== round);
    const index = [...others, { base, chunks, data: data.digest, examples, round }]
      .sort((a, b) => a.round - b.round)
      .slice(-TRAININGS_KEPT_MAX);
    const gone = this.#writesWithout(index);
    const value = encodeCanonical({ record, salt } as CborValue);
    const bytes = chunks === 0 ? new Uint8Array() : tensorToBytes(delta);
    const isKnown = this.#index.some((each) => each.data === data.digest);
    await this.#store.write([
      ...gone,
      ...Array.from({ length: chunks }, (_, i) =>
        put(chunkKey(round, i), bytes.subarray(i * CHUNK_BYTES, (i + 1) * CHUNK_BYTES)),
      ),
      ...(isKnown ? [] : [put(dataKey(data.digest), encodeData(data))]),
      put(recordKey(round), value),
      put(INDEX_KEY, encodeCanonical(index)),
    ]);
    this.#index = index;
    return commitTo(record, salt);
  }

  /** Deletes what the next index names no more. */
  #writesWithout(next: Index): PeerWrite[] {
    const rounds = new Set(next.map(({ round }) => round));
    const data = new Set(next.map((each) => each.data));
    return this.#index.flatMap((each) => {
      const lists = data.has(each.data) ? [] : [put(dataKey(each.data), undefined)];
      if (rounds.has(each.round)) return lists;
      const chunks = Array.from({ length: each.chunks }, (_, i) => chunkKey(each.round, i));
      return [...lists, ...[...chunks, recordKey(each.round)].map((key) => put(key, undefined))];
    });
  }
}

function put(key: string, value: Uint8Array | undefined): PeerWrite {
  return { table: 'commitment', key, value };
}

function recordKey(round: number): string {
  return `round/${round}`;
}

function chunkKey(round: number, chunk: number): string {
  return `delta/${round}/${chunk}`;
}

function dataKey(digest: Digest): string {
  return `data/${digest}`;
}

function decoded<T>(bytes: Uint8Array, schema: z.ZodType<T>): T {
  const value = decodeCanonical(bytes, RECORD_BYTES_MAX);
  return schema.parse(value.ok ? value.value : undefined);
}
