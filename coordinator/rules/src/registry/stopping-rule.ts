// When a run ends before its last round: once a measure of the newest versions got no better.

import { MICROS, uintSchema, z } from '@starling/shared';

/** What a version is judged by; means over the sites, weighted by examples or queries. */
export const VERSION_METRICS = ['loss', 'recall-at-10', 'reciprocal-rank'] as const;

/** Versions without an improvement that a run may be given. */
export const PATIENCE_MAX = 1000;

export const stoppingRuleSchema = z.strictObject({
  metric: z.enum(VERSION_METRICS),
  /** Least difference that counts as an improvement, in millionths of the metric. */
  minDeltaMicros: uintSchema.max(1000 * MICROS),
  /** Measured versions that may follow the best one before the run ends. */
  patience: uintSchema.min(1).max(PATIENCE_MAX),
});

export type VersionMetric = (typeof VERSION_METRICS)[number];
export type StoppingRule = z.infer<typeof stoppingRuleSchema>;
