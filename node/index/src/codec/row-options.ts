// What an index may be told about its rows beside the codec's own options.

import { checkInteger } from '../check-input.ts';
import { IndexError } from '../index-error.ts';
import { INDEX_LIMITS } from '../index-limits.ts';
import type { CodecOptions, CodecType } from './codec.ts';
import { checkCodecOptions } from './create-codec.ts';

export interface RowSettings
  extends Pick<CodecOptions, 'subspaces' | 'clippedShare' | 'queryBits'> {
  /**
   * Whether a lossy type keeps float32 rows beside its codes; only `f16`, which by default does
   * not, and `sq8` can do without. Distances are those of the codes then.
   */
  readonly keepsExactRows?: boolean;
  /** R of searches that name none; by default `k` times what `RERANK_FACTORS` says. */
  readonly rerank?: number;
  /** Rows that a learning type waits for; it searches exact rows until then. */
  readonly trainingRows?: number;
}

export interface RowOptions extends CodecOptions, RowSettings {}

/** Rows ranked again for each hit that is wanted. The fewer bits a code has, the more. */
export const RERANK_FACTORS: Readonly<Record<CodecType, number>> = Object.freeze({
  f32: 1,
  f16: 2,
  u8: 1,
  sq8: 2,
  pq8: 10,
  pq4: 10,
  binary: 20,
  rabitq: 10,
});

export const TRAINING = Object.freeze({
  /** Rows that a learning type waits for when it is told nothing. */
  rowsDefault: 2_000,
  /** Rows that it learns from at most. */
  sampleRowsMax: 5_000,
});

const DO_WITHOUT_EXACT_ROWS: readonly CodecType[] = ['f16', 'sq8'];

/** @throws IndexError `invalid-option`, `unknown-metric`, `limit-exceeded` */
export function checkRowOptions(options: RowOptions): void {
  checkCodecOptions(options);
  const { keepsExactRows = true, rerank = 1, trainingRows = 1, vectorType } = options;
  checkInteger('rerank', rerank, 1, INDEX_LIMITS.efMax);
  checkInteger('trainingRows', trainingRows, 1, INDEX_LIMITS.maxElementsMax);
  if (keepsExactRows || DO_WITHOUT_EXACT_ROWS.includes(vectorType)) return;
  throw new IndexError(
    'invalid-option',
    `vectorType '${vectorType}' cannot do with keepsExactRows = false; only ` +
      `${DO_WITHOUT_EXACT_ROWS.join(' and ')} can`,
  );
}

/** The part of some options that a codec is made of. */
export function codecOptionsOf(options: CodecOptions): CodecOptions {
  const { clippedShare, dimension, metric, queryBits, seed, subspaces, vectorType } = options;
  return {
    ...{ vectorType, metric, dimension },
    ...(subspaces === undefined ? {} : { subspaces }),
    ...(clippedShare === undefined ? {} : { clippedShare }),
    ...(queryBits === undefined ? {} : { queryBits }),
    ...(seed === undefined ? {} : { seed }),
  };
}

/** The part of some options that a header keeps beside metric, type, dimension and seed. */
export function rowSettingsOf(options: RowSettings): RowSettings {
  const { clippedShare, keepsExactRows, queryBits, rerank, subspaces, trainingRows } = options;
  return {
    ...(subspaces === undefined ? {} : { subspaces }),
    ...(clippedShare === undefined ? {} : { clippedShare }),
    ...(queryBits === undefined ? {} : { queryBits }),
    ...(keepsExactRows === undefined ? {} : { keepsExactRows }),
    ...(rerank === undefined ? {} : { rerank }),
    ...(trainingRows === undefined ? {} : { trainingRows }),
  };
}
