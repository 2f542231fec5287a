import type { Codec, CodecParameters, Components } from '../codec/codec.ts';
import {
  createCodec,
  learnsFromRows,
  restoreCodec,
  untrainedCodec,
} from '../codec/create-codec.ts';
import type { DimensionOrder } from '../codec/dimension-order.ts';
import { FloatCodec } from '../codec/float-codec.ts';
import {
  checkRowOptions,
  codecOptionsOf,
  RERANK_FACTORS,
  type RowOptions,
  TRAINING,
} from '../codec/row-options.ts';
import { IndexError } from '../index-error.ts';
import { INDEX_LIMITS } from '../index-limits.ts';
import type { IndexMemory } from './index-memory.ts';
import type { RowKind } from './row-view.ts';

/**
 * How the rows of one index are written, compared and read: codes, and beside most lossy ones exact
 * rows, by which what the codes find is ranked again.
 *
 * Invariant: once trained, the code of every named slot is that of its exact row where it has one.
 */
export class StoredRows {
  readonly options: RowOptions;
  /** Of the exact rows beside codes; undefined where there are none. */
  readonly exact: FloatCodec | undefined;
  #codec: Codec;
  #isTrained: boolean;

  /** @throws IndexError `invalid-option`, `unknown-metric`, `limit-exceeded` */
  constructor(options: RowOptions) {
    checkRowOptions(options);
    const { vectorType } = options;
    this.options = options;
    this.#codec = untrainedCodec(codecOptionsOf(options));
    this.#isTrained = !learnsFromRows(options);
    const { keepsExactRows = vectorType !== 'f16' } = options;
    const { dimension, metric } = options;
    if (keepsExactRows && !this.#codec.isLossless) {
      this.exact = new FloatCodec({ vectorType: 'f32', metric, dimension });
    }
  }

  get codec(): Codec {
    return this.#codec;
  }

  /** Whether there are codes; a type that learns nothing has them from the start. */
  get isTrained(): boolean {
    return this.#isTrained;
  }

  /** Rows that training waits for. */
  get trainingRows(): number {
    return this.options.trainingRows ?? TRAINING.rowsDefault;
  }

  /** The rows that searches compare with their query. */
  get searched(): RowKind {
    return this.#isTrained ? 'codes' : 'exact';
  }

  /**
   * The rows that a graph is built of. Codes of one bit or of a codebook make poor graphs; those of
   * `sq8` make as good ones as exact rows, in less time.
   */
  get built(): RowKind {
    if (this.exact === undefined) return 'codes';
    return this.#isTrained && this.#codec.vectorType === 'sq8' ? 'codes' : 'exact';
  }

  /** The rows that distances are reported of. */
  get reported(): RowKind {
    return this.exact === undefined ? 'codes' : 'exact';
  }

  /** Bytes and measures of both kinds of rows. */
  get shape() {
    const { measure, queryBytes, rowBytes } = this.#codec;
    const { exactBytes: exactRowBytes } = this;
    const { measure: exactMeasure = 0 } = this.exact ?? {};
    // Before training the query is an exact one.
    const roomBytes = Math.max(queryBytes, exactRowBytes);
    return { rowBytes, measure, queryBytes: roomBytes, exactRowBytes, exactMeasure };
  }

  /** Bytes of an exact row; 0 where there is none. */
  get exactBytes(): number {
    return this.exact?.rowBytes ?? 0;
  }

  /** Bytes of a row as searches compare it. */
  get searchedBytes(): number {
    return this.searched === 'codes' ? this.#codec.rowBytes : this.exactBytes;
  }

  /** R of a search for `k` rows; 0 where nothing is ranked again. */
  rerankOf(k: number, wanted = this.options.rerank): number {
    if (this.exact === undefined || !this.#isTrained) return 0;
    const count = wanted ?? k * RERANK_FACTORS[this.#codec.vectorType];
    return Math.max(k, Math.min(count, INDEX_LIMITS.efMax));
  }

  /**
   * Refuses rows that come before there is anything to store them as.
   *
   * @throws IndexError `untrained`
   */
  requireStorable(): void {
    if (this.#isTrained || this.exact !== undefined) return;
    throw new IndexError(
      'untrained',
      `vectorType '${this.#codec.vectorType}' without exact rows must learn before the first row ` +
        'comes; call train with a sample, or keep exact rows',
    );
  }

  /** Writes the row of a slot. */
  write(memory: IndexMemory, slot: number, source: Components, sourceStart: number): void {
    const { exact } = this;
    if (exact === undefined) {
      this.#codec.encode(source, sourceStart, memory.rows, slot * this.#codec.rowBytes);
      return;
    }
    exact.encode(source, sourceStart, memory.exactRows, slot * exact.rowBytes);
    if (this.#isTrained) this.#encodeExact(memory, slot);
  }

  /** Fills the row of a slot, of both kinds, with zeros. */
  wipe(memory: IndexMemory, slot: number): void {
    const { rowBytes } = this.#codec;
    memory.rows.fill(0, slot * rowBytes, (slot + 1) * rowBytes);
    const { exactBytes } = this;
    memory.exactRows.fill(0, slot * exactBytes, (slot + 1) * exactBytes);
  }

  /** The row of a slot, `[dimension]`: exact where there is one. */
  read(memory: IndexMemory, slot: number): Float32Array {
    const codec = this.exact ?? this.#codec;
    const rows = this.exact === undefined ? memory.rows : memory.exactRows;
    return codec.decode(rows.subarray(slot * codec.rowBytes, (slot + 1) * codec.rowBytes));
  }

  /** Prepares a query for searches, and for the ranking after them. */
  writeQuery({ scratch }: IndexMemory, query: Components): void {
    const codec = this.#isTrained ? this.#codec : (this.exact ?? this.#codec);
    codec.prepareQuery(query, scratch.query.subarray(0, codec.queryBytes));
    this.exact?.prepareQuery(query, scratch.exactQuery);
  }

  /** The reported distance of a key, which is of exact rows where there are such. */
  distanceOfKey(key: number): number {
    return (this.exact ?? this.#codec).distanceOfKey(key);
  }

  /**
   * Learns, and encodes the rows of `slots` anew from their exact rows.
   *
   * @param sample - `[n × dimension]`, finite
   * @throws IndexError as `createCodec`
   */
  train(memory: IndexMemory, slots: Iterable<number>, sample: Float32Array): void {
    this.#codec = createCodec(codecOptionsOf(this.options), sample);
    this.#isTrained = true;
    for (const slot of slots) this.#encodeExact(memory, slot);
  }

  /**
   * Takes over what was learned elsewhere; codes that it made follow.
   *
   * @throws IndexError `corrupt-file`
   */
  restore(learned: Float32Array): void {
    const parameters: CodecParameters = { options: codecOptionsOf(this.options), learned };
    this.#codec = restoreCodec(parameters);
    this.#isTrained = true;
  }

  /** The order of the components of stored rows where it is not the natural one. */
  get order(): DimensionOrder | undefined {
    return this.#codec.parameters().order;
  }

  /** Writes rows and queries in an order from now on; `f32` and `u8`, while there are no rows. */
  arrange(order: DimensionOrder): void {
    this.#codec = restoreCodec({ ...this.#codec.parameters(), order });
  }

  /** Takes over the codec of rows of equal options. */
  adopt(other: StoredRows): void {
    this.#codec = other.codec;
    this.#isTrained = other.isTrained;
  }

  /** Copies the row of a slot, of both kinds, as it is stored. */
  copy(from: IndexMemory, slot: number, to: IndexMemory, target: number): void {
    const { rowBytes } = this.#codec;
    to.rows.set(from.rows.subarray(slot * rowBytes, (slot + 1) * rowBytes), target * rowBytes);
    if (this.exact === undefined) return;
    const { rowBytes: bytes } = this.exact;
    to.exactRows.set(from.exactRows.subarray(slot * bytes, (slot + 1) * bytes), target * bytes);
  }

  #encodeExact(memory: IndexMemory, slot: number): void {
    if (this.exact === undefined) return;
    const row = this.read(memory, slot);
    this.#codec.encode(row, 0, memory.rows, slot * this.#codec.rowBytes);
  }
}
