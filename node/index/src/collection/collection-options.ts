import { checkInteger } from '../check-input.ts';
import { paddedBytes } from '../codec/codec.ts';
import { checkHnswOptions, HNSW_DEFAULTS } from '../hnsw/hnsw-options.ts';
import { IndexError } from '../index-error.ts';
import { INDEX_LIMITS } from '../index-limits.ts';
import type { Metric, VectorType } from '../vector-index.ts';
import { COLLECTION_LIMITS } from './collection-limits.ts';
import { type Columns, checkColumns } from './row-metadata.ts';

/** Of a code: its factors, and padding to 128 components. */
const HEAD_BYTES_MAX = 32;

/** The index types that a segment can be. */
export const INDEX_KINDS = ['hnsw', 'flat'] as const;

export type IndexKind = (typeof INDEX_KINDS)[number];

/** When a write is acknowledged: after an fsync, or once the operating system has it. */
export const DURABILITIES = ['sync', 'buffered'] as const;

export type Durability = (typeof DURABILITIES)[number];

/** What the files of a collection depend on: fixed when it is created. */
export interface FixedOptions {
  /** Index type of the segments. */
  readonly kind: IndexKind;
  readonly dimension: number;
  readonly metric: Metric;
  readonly vectorType: VectorType;
  readonly m: number;
  readonly efConstruction: number;
  readonly seed: number;
  /** Typed metadata fields. */
  readonly columns: Columns;
}

/** Options of one opening; another may choose others. */
export interface OpenOptions {
  /** Width of the beam of a search that names none. */
  readonly efSearch: number;
  /** Rows after which a segment is sealed and a new one begun. */
  readonly segmentRowsMax: number;
  readonly durability: Durability;
  /**
   * Size of the log that starts a checkpoint in the background; raised to half the bytes of the
   * last checkpoint, so that a growing segment is not written over and over. 0 turns it off.
   */
  readonly checkpointLogBytes: number;
  /** Whether searches are recorded, so that `inspect` knows what is asked. */
  readonly observe: boolean;
  /**
   * Whether a sample of the recorded queries is kept in the folder, vectors and widths without
   * filters, so that another process can inspect it. Compaction and `erase: 'now'` remove it.
   */
  readonly keepQueries: boolean;
}

export type CollectionOptions = FixedOptions & OpenOptions;

/** `dimension` is needed to create a collection, nothing to open one. */
export type CollectionSettings = Partial<CollectionOptions>;

const FIXED_DEFAULTS = Object.freeze({
  kind: 'hnsw',
  metric: HNSW_DEFAULTS.metric,
  vectorType: HNSW_DEFAULTS.vectorType,
  m: HNSW_DEFAULTS.m,
  efConstruction: HNSW_DEFAULTS.efConstruction,
  seed: HNSW_DEFAULTS.seed,
  columns: Object.freeze({}),
} as const satisfies Omit<FixedOptions, 'dimension'>);

export const COLLECTION_DEFAULTS = Object.freeze({
  ...FIXED_DEFAULTS,
  efSearch: HNSW_DEFAULTS.efSearch,
  segmentRowsMax: COLLECTION_LIMITS.segmentRowsDefault,
  durability: 'sync',
  checkpointLogBytes: COLLECTION_LIMITS.checkpointLogBytesDefault,
  observe: true,
  keepQueries: true,
} as const satisfies Omit<CollectionOptions, 'dimension'>);

/**
 * Fills in the defaults and checks every inequality.
 *
 * @throws IndexError `invalid-option`, `limit-exceeded`, `unknown-metric`
 */
export function checkCollectionOptions(settings: CollectionSettings): CollectionOptions {
  if (settings.dimension === undefined) {
    throw new IndexError('invalid-option', 'a new collection needs a dimension; name it');
  }
  const options: CollectionOptions = {
    ...COLLECTION_DEFAULTS,
    ...withoutUndefined(settings),
    dimension: settings.dimension,
  };
  const { dimension, metric, vectorType, m, efConstruction, efSearch, seed } = options;
  checkHnswOptions({ dimension, metric, vectorType, m, efConstruction, efSearch, seed });
  checkWord('kind', options.kind, INDEX_KINDS);
  checkWord('durability', options.durability, DURABILITIES);
  checkColumns(options.columns);
  checkInteger('segmentRowsMax', options.segmentRowsMax, 1, INDEX_LIMITS.maxElementsMax);
  checkInteger('checkpointLogBytes', options.checkpointLogBytes, 0, Number.MAX_SAFE_INTEGER);
  return Object.freeze(options);
}

/** The part of the options that the manifest keeps. */
export function fixedOptions(options: FixedOptions): FixedOptions {
  const { kind, dimension, metric, vectorType, m, efConstruction, seed, columns } = options;
  const sorted = Object.fromEntries(Object.entries(columns).sort(([a], [b]) => (a < b ? -1 : 1)));
  return { kind, dimension, metric, vectorType, m, efConstruction, seed, columns: sorted };
}

/**
 * The options of an existing collection opened with some settings.
 *
 * @throws IndexError `settings-mismatch` when they name another value than the stored one
 */
export function mergeOptions(
  folder: string,
  stored: FixedOptions,
  settings: CollectionSettings,
): CollectionOptions {
  const merged = { ...withoutUndefined(settings), ...stored };
  const wanted = fixedOptions({ ...stored, ...withoutUndefined(settings) });
  const kept = fixedOptions(stored);
  for (const name of Object.keys(kept) as (keyof FixedOptions)[]) {
    const [has, asks] = [JSON.stringify(kept[name]), JSON.stringify(wanted[name])];
    if (has === asks) continue;
    throw new IndexError(
      'settings-mismatch',
      `${folder} was created with ${name} = ${has}, not ${asks}; leave the setting out, or load ` +
        'the rows into a new collection',
    );
  }
  return checkCollectionOptions(merged);
}

/** Rows after which a segment is full: `segmentRowsMax`, or what its memory holds. */
export function segmentRows(options: CollectionOptions): number {
  const rowBytes = rowBytesMax(options);
  const linkBytes = 4 * 3 * (options.m + 2);
  const fitting = Math.floor(COLLECTION_LIMITS.segmentBytesMax / (rowBytes + linkBytes));
  return Math.max(1, Math.min(options.segmentRowsMax, fitting));
}

/** What a row takes at most; half floats are the largest codes that stand beside exact rows. */
function rowBytesMax({ dimension, vectorType }: CollectionOptions): number {
  if (vectorType === 'u8') return paddedBytes(dimension);
  const exactBytes = paddedBytes(4 * dimension);
  return vectorType === 'f32'
    ? exactBytes
    : exactBytes + paddedBytes(2 * dimension) + HEAD_BYTES_MAX;
}

function checkWord(name: string, value: string, known: readonly string[]): void {
  if (known.includes(value)) return;
  const words = known.join(', ');
  throw new IndexError('invalid-option', `${name} is '${value}'; use one of ${words}`);
}

function withoutUndefined(settings: CollectionSettings): CollectionSettings {
  const named = Object.entries(settings).filter(([, value]) => value !== undefined);
  return Object.fromEntries(named);
}
