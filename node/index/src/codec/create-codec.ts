import { checkInteger, checkMetric } from '../check-input.ts';
import { IndexError } from '../index-error.ts';
import { INDEX_LIMITS } from '../index-limits.ts';
import { METRICS, type Metric } from '../vector-index.ts';
import { BinaryCodec } from './binary-codec.ts';
import { ByteCodec } from './byte-codec.ts';
import {
  CODEC_TYPES,
  type Codec,
  type CodecOptions,
  type CodecParameters,
  type CodecType,
} from './codec.ts';
import { writeRow } from './distance.ts';
import { FloatCodec } from './float-codec.ts';
import { HalfCodec } from './half-codec.ts';
import { Pq4Codec } from './pq4-codec.ts';
import { Pq8Codec } from './pq8-codec.ts';
import { RabitqCodec } from './rabitq-codec.ts';
import { ScaledByteCodec } from './scaled-byte-codec.ts';
import { SignedByteCodec } from './signed-byte-codec.ts';

const BY_ANGLE: readonly Metric[] = ['cosine', 'euclidean', 'dot'];

const METRICS_OF: Readonly<Record<CodecType, readonly Metric[]>> = {
  f32: METRICS,
  f16: METRICS,
  // Bytes are exact, and rows of length one are no bytes.
  u8: ['euclidean', 'dot', 'manhattan'],
  sq8: METRICS,
  pq8: METRICS,
  pq4: METRICS,
  binary: BY_ANGLE,
  rabitq: BY_ANGLE,
};

/**
 * A codec that is ready, trained on `sample` where its type learns.
 *
 * @param sample - `[n × dimension]`, at least one row where `learnsFromRows`, every component
 *   finite; the more of the data it resembles the better
 * @throws IndexError `invalid-option`, `unknown-metric`, `limit-exceeded`, `dimension-mismatch`
 */
export function createCodec(
  options: CodecOptions,
  sample: Float32Array = new Float32Array(0),
): Codec {
  checkCodecOptions(options);
  const { vectorType } = options;
  if (vectorType === 'f32') return new FloatCodec(options);
  if (vectorType === 'f16') return new HalfCodec(options);
  if (vectorType === 'u8') return new ByteCodec(options);
  if (!learnsFromRows(options)) return new SignedByteCodec(options);
  const rows = trainingRows(options, sample);
  if (vectorType === 'sq8') return ScaledByteCodec.train(options, rows);
  if (vectorType === 'pq8') return Pq8Codec.train(options, rows);
  if (vectorType === 'pq4') return Pq4Codec.train(options, rows);
  if (vectorType === 'binary') return BinaryCodec.train(options, rows);
  return RabitqCodec.train(options, rows);
}

/**
 * The codec whose `parameters()` were stored.
 *
 * @throws IndexError `corrupt-file`, and what `createCodec` throws
 */
export function restoreCodec({ options, learned, order }: CodecParameters): Codec {
  checkCodecOptions(options);
  const length = learnedLength(options);
  if (learned.length !== length) {
    throw new IndexError(
      'corrupt-file',
      `${options.vectorType} of dimension ${options.dimension} needs ${length} learned numbers, ` +
        `${learned.length} are stored; restore the file from a copy`,
    );
  }
  if (!learned.every(Number.isFinite)) {
    throw new IndexError(
      'corrupt-file',
      `the learned numbers of ${options.vectorType} are not all finite; restore the file from a copy`,
    );
  }
  const { vectorType } = options;
  if (vectorType === 'f32') return new FloatCodec(options, order);
  if (vectorType === 'u8') return new ByteCodec(options, order);
  if (!learnsFromRows(options)) return createCodec(options);
  if (vectorType === 'sq8') return new ScaledByteCodec(options, learned);
  if (vectorType === 'pq8') return Pq8Codec.restore(options, learned);
  if (vectorType === 'pq4') return Pq4Codec.restore(options, learned);
  if (vectorType === 'binary') return new BinaryCodec(options, learned);
  return new RabitqCodec(options, learned);
}

/** A codec that learned nothing: its sizes, its measure and `checkComponents` are what they will be. */
export function untrainedCodec(options: CodecOptions): Codec {
  checkCodecOptions(options);
  return restoreCodec({ options, learned: new Float32Array(learnedLength(options)) });
}

/** Whether `createCodec` needs rows to learn from. */
export function learnsFromRows(options: Pick<CodecOptions, 'vectorType' | 'metric'>): boolean {
  return learnedLength({ ...options, dimension: 1 }) > 0;
}

/** Refuses a vector type that this room does not know, or not with this metric. */
export function checkCodecType(
  vectorType: string,
  metric: Metric,
): asserts vectorType is CodecType {
  const known = CODEC_TYPES.find((type) => type === vectorType);
  if (known === undefined) {
    throw new IndexError(
      'invalid-option',
      `vectorType is '${vectorType}'; use one of ${CODEC_TYPES.join(', ')}`,
    );
  }
  if (METRICS_OF[known].includes(metric)) return;
  const types = CODEC_TYPES.filter((type) => METRICS_OF[type].includes(metric));
  throw new IndexError(
    'invalid-option',
    `vectorType '${vectorType}' knows no ${metric}; use ${METRICS_OF[known].join(', ')}, ` +
      `or for ${metric} one of the vector types ${types.join(', ')}`,
  );
}

/**
 * Refuses options that no codec can be made of.
 *
 * @throws IndexError `invalid-option`, `unknown-metric`, `limit-exceeded`
 */
export function checkCodecOptions(options: CodecOptions): void {
  const { clippedShare = 0, dimension, metric, queryBits = 4, seed = 1, vectorType } = options;
  checkMetric(metric);
  checkCodecType(vectorType, metric);
  checkInteger('dimension', dimension, 1, INDEX_LIMITS.dimensionMax);
  checkInteger('seed', seed, 0, 0xffff_ffff);
  checkInteger('subspaces', options.subspaces ?? 1, 1, dimension);
  if (!(clippedShare >= 0 && clippedShare < 0.5)) {
    throw new IndexError(
      'invalid-option',
      `clippedShare = ${clippedShare} violates 0 <= clippedShare < 0.5`,
    );
  }
  if (queryBits !== 4 && queryBits !== 8) {
    throw new IndexError('invalid-option', `queryBits = ${queryBits}; use 4 or 8`);
  }
}

function learnedLength({ dimension, metric, vectorType }: CodecOptions): number {
  if (vectorType === 'sq8') return metric === 'dot' ? 0 : dimension + 1;
  if (vectorType === 'pq8') return 256 * dimension;
  if (vectorType === 'pq4') return 16 * dimension;
  if (vectorType === 'binary') return 2 * dimension;
  return vectorType === 'rabitq' ? dimension : 0;
}

function trainingRows({ dimension, metric, vectorType }: CodecOptions, sample: Float32Array) {
  if (sample.length === 0) {
    throw new IndexError(
      'invalid-option',
      `vectorType '${vectorType}' learns from rows; give at least one`,
    );
  }
  if (sample.length % dimension !== 0) {
    throw new IndexError(
      'dimension-mismatch',
      `${sample.length} components are no rows of dimension ${dimension}`,
    );
  }
  if (metric !== 'cosine') return sample;
  const rows = new Float32Array(sample.length);
  for (let at = 0; at < rows.length; at += dimension) {
    writeRow(metric, sample, at, rows, at, dimension);
  }
  return rows;
}
