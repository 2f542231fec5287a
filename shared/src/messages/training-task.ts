// The federation's shared task: which encoder is trained, and how each site trains it.

import { z } from 'zod';
import { PARAMETERS_MAX } from '../flat-tensor.ts';
import { digestSchema } from '../ids.ts';
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

/** JSON of a flat record: the wire has no fractions. */
const settingsText = z.string().max(8192).refine(isFlatRecord, 'is no JSON object of scalars');

/** An app that every site's operator installed: its model is trained in place of the encoder. */
export const appTaskSchema = z.strictObject({
  /** Settings of the run, as JSON. */
  config: settingsText,
  /** Of the app's files; a site with other files takes no part. */
  digest: digestSchema,
  /** Flat float32 weights of the model. */
  elements: uintSchema.min(1).max(PARAMETERS_MAX),
  /** Content root of version 0's weights. */
  initial: digestSchema,
  name: z.string().min(1).max(64),
  /** The strategy's options, as JSON. */
  options: settingsText,
  strategy: z.string().min(1).max(64),
});

export const trainingTaskSchema = z.strictObject({
  aggregation: aggregationSchema,
  /** Null where the encoder is trained. */
  app: appTaskSchema.nullable(),
  /** Euclidean bound of one update; a larger one proves a fault. */
  clippingNormMicros: uintSchema.min(1),
  encoder: encoderShapeSchema,
  /** Seed of version 0's Gaussian projection. */
  seed: uint32Schema,
  training: trainingSettingsSchema,
});

export type AggregationPolicy = z.infer<typeof aggregationSchema>;
export type MaskedAggregation = Extract<AggregationPolicy, { mode: 'masked' }>;
export type AppTask = z.infer<typeof appTaskSchema>;
export type EncoderShape = z.infer<typeof encoderShapeSchema>;
export type TrainingSettings = z.infer<typeof trainingSettingsSchema>;
export type TrainingTask = z.infer<typeof trainingTaskSchema>;

/** Flat float32 parameters of the model that a federation trains. */
export function modelElements({ app, encoder }: Pick<TrainingTask, 'app' | 'encoder'>): number {
  return app?.elements ?? encoder.buckets * encoder.dimension;
}

function isFlatRecord(text: string): boolean {
  try {
    return flatRecordSchema.safeParse(JSON.parse(text)).success;
  } catch {
    return false;
  }
}

const flatRecordSchema = z.record(
  z.string().min(1).max(128),
  z.union([z.number(), z.string().max(4096), z.boolean()]),
);

/** The settings of an app's task, `config` or `options`. */
export function settingsOf(text: string): z.infer<typeof flatRecordSchema> {
  return flatRecordSchema.parse(JSON.parse(text));
}
