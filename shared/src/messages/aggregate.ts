// The coordinator's claim: these updates, summed by the rule, give this model. Voters recompute it.

import { z } from 'zod';
import { digestSchema } from '../ids.ts';
import { MICROS, uintSchema } from '../numbers.ts';
import { defineMessage } from './message-definition.ts';
import { payloadRefSchema } from './payload-ref.ts';
import { ROSTER_MEMBERS_MAX } from './roster.ts';
import { missingMemberSchema } from './round-status.ts';

/** What a masked sum tells besides the model: totals over the survivors, never one member's. */
export const sumStatisticsSchema = z.strictObject({
  /** Coordinates that met the bound, per million. */
  clippedMicros: uintSchema.max(MICROS),
  examples: uintSchema.min(1),
  /** Example-weighted means. */
  lossFirstMicros: uintSchema,
  lossLastMicros: uintSchema,
});
export type SumStatistics = z.infer<typeof sumStatisticsSchema>;

export const aggregateSchema = z.strictObject({
  base: digestSchema,
  missing: z.array(missingMemberSchema).max(ROSTER_MEMBERS_MAX),
  model: payloadRefSchema,
  plan: digestSchema,
  round: uintSchema.min(1),
  /** Null for a plain sum, whose updates tell. */
  statistics: sumStatisticsSchema.nullable(),
  /**
   * A plain sum: canonical CBOR array of the summed `model-update` frames, ordered by member id. A
   * masked one: the transcript of its session. Of a rollback: the proof of the restored version.
   */
  updates: payloadRefSchema,
  version: uintSchema.min(1),
});

export type Aggregate = z.infer<typeof aggregateSchema>;

export const aggregate = defineMessage<Aggregate>({
  type: 'aggregate',
  form: 'statement',
  topic: 'control',
  sender: 'coordinator',
  bodyBytesMax: 32_768,
  lifetimeMs: 0,
  schema: aggregateSchema,
});
