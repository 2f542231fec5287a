// Model versions, and what sites measured of them.

import { digestSchema, EVALUATION_STAGES, memberIdSchema, z } from '@starling/shared';
import { count, listOf, micros, timeMs } from './list-schema.ts';

export const versionSchema = z.strictObject({
  /** Version that it was made from. */
  base: count,
  contributors: listOf(memberIdSchema),
  examples: count,
  finalisedAtMs: timeMs,
  lossLastMicros: micros,
  /** By name, from 0 to 1 but for losses; what was not measured is absent. */
  metrics: z.record(z.string(), z.number()),
  model: digestSchema,
  pinned: z.boolean(),
  /** The version that it brought back; null for one that was trained. */
  restores: count.nullable(),
  /** The version that took this one's place when it was rolled back. */
  rolledBackTo: count.nullable(),
  round: count,
  version: count,
});

export const versionsSchema = z.strictObject({
  pinned: count.nullable(),
  versions: listOf(versionSchema),
});

export const evaluationsSchema = z.strictObject({
  cells: listOf(
    z.strictObject({
      /** Held-out queries that were asked. */
      examples: count,
      loss: z.number().nullable(),
      /** From 0 to 1. */
      recallAt10: z.number(),
      reciprocalRank: z.number(),
      site: z.string(),
      stage: z.enum(EVALUATION_STAGES),
      version: count,
    }),
  ),
  sites: listOf(z.string()),
  versions: listOf(count),
});
