// The constants of one chain. They are signed once and never change, so every member judges every
// block alike; all of them are integers.

import { z } from 'zod';
import { MICROS, uintSchema } from '../../numbers.ts';

/** Components of a centroid; each is one signed byte. */
export const PATTERN_DIMENSION_MAX = 4096;
/** Largest squared distance of two centroids of the largest dimension: 4096 · 254². */
export const SQUARED_DISTANCE_MAX = PATTERN_DIMENSION_MAX * 254 ** 2;
/** Peers that one poll asks at most. */
export const POLL_SAMPLE_MAX = 256;
/** Consecutive polls that a preference may have to hold. */
export const POLL_BETA_MAX = 1000;

/** Snowball's parameters; a cluster of fewer than `k` members is asked as a whole. */
export const pollParametersSchema = z
  .strictObject({
    alphaConfidence: uintSchema.min(1).max(POLL_SAMPLE_MAX),
    alphaPreference: uintSchema.min(1).max(POLL_SAMPLE_MAX),
    beta: uintSchema.min(1).max(POLL_BETA_MAX),
    k: uintSchema.min(1).max(POLL_SAMPLE_MAX),
  })
  .refine(
    ({ alphaConfidence, alphaPreference, k }) =>
      2 * alphaPreference > k && alphaPreference <= alphaConfidence && alphaConfidence <= k,
    { error: 'violate k/2 < alphaPreference <= alphaConfidence <= k' },
  );
export type PollParameters = z.infer<typeof pollParametersSchema>;

/** `simplex`: certificates decide. `snow`: polls decide, as safe as their computed bound. */
export const chainEngineSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('simplex') }),
  z.strictObject({
    /** Share of members that may lie, in millionths. */
    byzantineMicros: uintSchema.max(MICROS - 1),
    kind: z.literal('snow'),
    parameters: pollParametersSchema,
    /** The safety bound must be at most 10 to the minus this. */
    targetExponent: uintSchema.min(1).max(300),
  }),
]);
export type ChainEngine = z.infer<typeof chainEngineSchema>;

export const PATTERN_METRICS = ['cosine', 'dot', 'euclidean'] as const;

export const chainRulesSchema = z.strictObject({
  /** Held-out queries behind a verdict; with fewer a member abstains. */
  attestQueriesMin: uintSchema.min(1),
  /** A component of a centroid is the base vector's times this, rounded, within ±127. */
  centroidScale: uintSchema.min(1).max(1_000_000),
  /** Heights between two checkpoints. */
  checkpointEvery: uintSchema.min(1),
  /** Two centroids conflict at this squared integer distance or nearer. */
  conflictRadius: uintSchema.max(SQUARED_DISTANCE_MAX),
  /** Largest median cost over the attesting member's current one, in millionths. */
  costRatioMicros: uintSchema.min(1),
  dimension: uintSchema.min(1).max(PATTERN_DIMENSION_MAX),
  engine: chainEngineSchema,
  /** A proposal that is not included within this many heights has expired. */
  expiryHeights: uintSchema.min(1),
  /** A superseding pattern's certified bound is better by at least this, in millionths. */
  marginMicros: uintSchema.min(1).max(MICROS),
  metric: z.enum(PATTERN_METRICS),
  poll: pollParametersSchema,
  /** How far a member's own bound may lie under the proposed one, in millionths. */
  recallSlackMicros: uintSchema.max(MICROS),
});
export type ChainRules = z.infer<typeof chainRulesSchema>;
