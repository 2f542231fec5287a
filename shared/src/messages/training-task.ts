// The federation's shared task: which encoder is trained, and how each site trains it.

import { z } from 'zod';
import { PARAMETERS_MAX } from '../flat-tensor.ts';
import { uint32Schema, uintSchema } from '../numbers.ts';

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

export const trainingTaskSchema = z.strictObject({
  /** Euclidean bound of one update; a larger one proves a fault. */
  clippingNormMicros: uintSchema.min(1),
  encoder: encoderShapeSchema,
  /** Seed of version 0's Gaussian projection. */
  seed: uint32Schema,
  training: trainingSettingsSchema,
});

export type EncoderShape = z.infer<typeof encoderShapeSchema>;
export type TrainingSettings = z.infer<typeof trainingSettingsSchema>;
export type TrainingTask = z.infer<typeof trainingTaskSchema>;
