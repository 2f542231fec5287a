// The federation's shared task: which encoder is trained, and how each site trains it.

import { z } from 'zod';
import { PARAMETERS_MAX } from '../flat-tensor.ts';
import { MICROS, uint32Schema, uintSchema } from '../numbers.ts';
import { ringSchema } from './secagg/session-announce.ts';

export const encoderShapeSchema = z
  .strictObject({
    buckets: uintSchema.min(2).max(1 << 20),
    dimension: uintSchema.min(1).max(4096),
  })
  .refine(({ buckets, dimension }) => buckets * dimension <= PARAMETERS_MAX, {
    error: `buckets × dimension is over ${PARAMETERS_MAX} parameters`,
  });

export const trainingSettingsSchema = z.strictObject({
  batchSize: uintSchema.min(2).max(65_536),
  learningRateMicros: uintSchema.min(1),
  localEpochs: uintSchema.min(1).max(1000),
  temperatureMicros: uintSchema.min(1),
});

/**
 * How updates become a sum. `plain`: everyone who votes reads every update, which rules that need
 * single updates require. `masked`: secure aggregation, the sum only.
 */
export const aggregationSchema = z.discriminatedUnion('mode', [
  z.strictObject({ mode: z.literal('plain') }),
  z.strictObject({
    /** Bound of one coordinate, in millionths. */
    clipMicros: uintSchema.min(1),
    /** Share of members that may collude with the coordinator, in millionths. */
    corruptMicros: uintSchema.max(MICROS),
    /** Share of members that may drop out of a session, in millionths. */
    dropMicros: uintSchema.max(MICROS),
    /** Fewest members of one group; null for one group of all. */
    groupSize: uintSchema.min(3).nullable(),
    mode: z.literal('masked'),
    noise: z
      .strictObject({
        mechanism: z.enum(['skellam', 'discrete-gaussian', 'central-gaussian']),
        noiseMultiplierMicros: uintSchema.min(1),
      })
      .nullable(),
    ring: ringSchema,
  }),
]);

export const trainingTaskSchema = z.strictObject({
  aggregation: aggregationSchema,
  /** Euclidean bound of one update; a larger one proves a fault. */
  clippingNormMicros: uintSchema.min(1),
  encoder: encoderShapeSchema,
  /** Seed of version 0's Gaussian projection. */
  seed: uint32Schema,
  training: trainingSettingsSchema,
});

export type AggregationPolicy = z.infer<typeof aggregationSchema>;
export type MaskedAggregation = Extract<AggregationPolicy, { mode: 'masked' }>;
export type EncoderShape = z.infer<typeof encoderShapeSchema>;
export type TrainingSettings = z.infer<typeof trainingSettingsSchema>;
export type TrainingTask = z.infer<typeof trainingTaskSchema>;
