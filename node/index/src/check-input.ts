import { HALF_MAX } from './codec/float16.ts';
import { IndexError } from './index-error.ts';
import { INDEX_LIMITS } from './index-limits.ts';
import { METRICS, type Metric, type SearchOptions, type VectorType } from './vector-index.ts';

/** Refuses a metric that this room does not know. */
export function checkMetric(metric: string): asserts metric is Metric {
  if (!(METRICS as readonly string[]).includes(metric)) {
    const known = METRICS.join(', ');
    throw new IndexError('unknown-metric', `metric is '${metric}'; use one of ${known}`);
  }
}

/** Refuses components that an index cannot hold or compare; `vectors` are finite. */
export function checkComponents(
  vectors: Float32Array | Uint8Array,
  { metric, vectorType }: { readonly metric: Metric; readonly vectorType: VectorType },
): void {
  if (vectors instanceof Uint8Array) return;
  if (vectorType === 'u8') checkBytes(vectors);
  else if (metric !== 'cosine') checkSizes(vectors, vectorType);
}

function checkSizes(vectors: Float32Array, vectorType: VectorType): void {
  const componentMax = vectorType === 'f16' ? HALF_MAX : INDEX_LIMITS.componentMax;
  for (let i = 0; i < vectors.length; i++) {
    if (Math.abs(vectors[i] as number) <= componentMax) continue;
    throw new IndexError(
      'limit-exceeded',
      `component ${i} is ${vectors[i]} and violates size <= componentMax = ` +
        `${componentMax} of vectorType '${vectorType}'; scale the vectors`,
    );
  }
}

function checkBytes(vectors: Float32Array): void {
  const position = firstNonByte(vectors);
  if (position < 0) return;
  throw new IndexError(
    'no-byte',
    `component ${position} is ${vectors[position]}; an index of vectorType 'u8' takes integers ` +
      'from 0 to 255, scale them or use vectorType f32',
  );
}

/** Refuses a number that is no integer in `[min, max]` and spells out the violated inequality. */
export function checkInteger(name: string, value: number, min: number, max: number): void {
  if (!Number.isInteger(value)) {
    throw new IndexError('invalid-option', `${name} = ${value}; it must be an integer`);
  }
  if (value < min) {
    throw new IndexError('invalid-option', `${name} = ${value} violates ${name} >= ${min}`);
  }
  if (value > max) {
    throw new IndexError('limit-exceeded', `${name} = ${value} violates ${name} <= ${max}`);
  }
}

/** Refuses a vector of the wrong length or with a component that is NaN or infinite. */
export function checkQuery(query: Float32Array | Uint8Array, dimension: number): void {
  if (query.length !== dimension) {
    throw new IndexError(
      'dimension-mismatch',
      `query has ${query.length} components, this index ${dimension}; embed it with the same model`,
    );
  }
  checkFinite(query);
}

/** Refuses queries that are not rows of `dimension`, or with a component that is not finite. */
export function checkQueries(queries: Float32Array | Uint8Array, dimension: number): void {
  if (queries.length % dimension !== 0) {
    throw new IndexError(
      'dimension-mismatch',
      `queries have ${queries.length} components together, which is no multiple of ${dimension}`,
    );
  }
  checkFinite(queries);
}

function checkFinite(query: Float32Array | Uint8Array): void {
  const position = firstNonFinite(query);
  if (position >= 0) {
    throw new IndexError(
      'non-finite',
      `query component ${position} is ${query[position]}; every component must be finite`,
    );
  }
}

/** Refuses search options outside their limits. */
export function checkSearchOptions(options: SearchOptions): void {
  checkInteger('k', options.k, 1, INDEX_LIMITS.kMax);
  if (options.efSearch !== undefined) {
    checkInteger('efSearch', options.efSearch, 1, INDEX_LIMITS.efMax);
  }
  if (options.rerank !== undefined) {
    checkInteger('rerank', options.rerank, 1, INDEX_LIMITS.efMax);
  }
  options.signal?.throwIfAborted();
}

/**
 * Refuses a batch that could not be taken whole.
 *
 * @param vectors - `[ids.length × dimension]`
 */
export function checkBatch(
  ids: readonly string[],
  vectors: Float32Array | Uint8Array,
  dimension: number,
): void {
  if (vectors.length !== ids.length * dimension) {
    throw new IndexError(
      'dimension-mismatch',
      `${ids.length} ids of dimension ${dimension} need ${ids.length * dimension} components, ` +
        `the batch has ${vectors.length}; nothing was inserted`,
    );
  }
  checkIds(ids);
  const position = firstNonFinite(vectors);
  if (position >= 0) {
    const row = Math.floor(position / dimension);
    throw new IndexError(
      'non-finite',
      `component ${position % dimension} of row ${row} (id '${ids[row]}') is ` +
        `${vectors[position]}; every component must be finite, nothing was inserted`,
    );
  }
}

function checkIds(ids: readonly string[]): void {
  const seen = new Set<string>();
  for (const [row, id] of ids.entries()) {
    if (typeof id !== 'string' || id.length === 0 || id.length > INDEX_LIMITS.idLengthMax) {
      throw new IndexError(
        'invalid-id',
        `the id of row ${row} must be a string of 1 to idLengthMax = ` +
          `${INDEX_LIMITS.idLengthMax} characters; nothing was inserted`,
      );
    }
    if (seen.has(id)) {
      throw new IndexError(
        'duplicate-id',
        `id '${id}' stands twice in one batch, again at row ${row}; nothing was inserted`,
      );
    }
    seen.add(id);
  }
}

function firstNonByte(values: Float32Array): number {
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (value !== (value & 0xff)) return i;
  }
  return -1;
}

function firstNonFinite(values: Float32Array | Uint8Array): number {
  if (values instanceof Uint8Array) return -1;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (value - value !== 0) return i;
  }
  return -1;
}
