// A round as the operator API shows it: what the status says of it, and how it went.

import {
  digestSchema,
  memberIdSchema,
  missingMemberSchema,
  ROUND_PHASES,
  WITHDRAWAL_REASONS,
  z,
} from '@starling/shared';
import { count, listOf, micros, timeMs } from './list-schema.ts';

const members = listOf(memberIdSchema);

const maskedSchema = z.strictObject({
  attempts: count,
  awaited: members,
  certificateBytes: count,
  clippedMicros: micros,
  groups: count,
  participants: count,
  sharers: count,
  survivors: count,
  threshold: count,
  transcriptBytes: count,
});

/** As in the status. */
export const roundSummarySchema = z.strictObject({
  closedAtMs: timeMs.nullable(),
  /** What the sum stands on; examples as registered when the round opened, rounded. */
  coverage: z.strictObject({
    cohort: count,
    examples: count,
    members: count,
    registeredExamples: count,
  }),
  commitments: listOf(z.strictObject({ commitment: digestSchema, member: memberIdSchema })),
  examples: count,
  failure: z.string().nullable(),
  lossFirstMicros: micros,
  lossLastMicros: micros,
  masked: maskedSchema.nullable(),
  missing: listOf(missingMemberSchema),
  openedAtMs: timeMs,
  phase: z.enum(ROUND_PHASES).exclude(['idle']),
  round: count,
  updates: members,
  votes: members,
  withdrawals: listOf(
    z.strictObject({
      member: memberIdSchema,
      reason: z.enum(WITHDRAWAL_REASONS),
      step: count.nullable(),
      text: z.string(),
    }),
  ),
});

export const roundSchema = roundSummarySchema.extend({
  /** In order; the last one of an open round has no end. */
  phases: listOf(z.strictObject({ fromMs: timeMs, phase: z.string(), untilMs: timeMs.nullable() })),
  /** Why this cohort, in words. */
  selection: z.string(),
});

export const roundsSchema = z.strictObject({ rounds: listOf(roundSchema) });

export const roundVerificationSchema = z.strictObject({
  /** What does not hold; empty when all does. */
  detail: z.string(),
  holds: z.boolean(),
  verified: z
    .strictObject({
      aggregation: z.enum(['masked', 'plain']),
      contributors: members,
      masksRemoved: count,
      missing: listOf(missingMemberSchema),
      model: digestSchema,
      round: count,
      statistics: z.looseObject({}).nullable(),
      survivorSignatures: count,
      version: count,
      votes: count,
    })
    .nullable(),
});
