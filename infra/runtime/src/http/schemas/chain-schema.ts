// What the members decided by themselves, as the coordinator follows it, and what privacy cost them.

import {
  ATTESTATION_VERDICTS,
  digestSchema,
  memberIdSchema,
  siteReportSchema,
  z,
} from '@starling/shared';
import { count, listOf, micros, timeMs } from './list-schema.ts';

/** Data of the event `pattern`. */
export const patternSchema = z.strictObject({
  /** Of a decided pattern those in its block; who attests later is not in it. */
  attestations: listOf(
    z.strictObject({
      accepts: z.boolean(),
      member: memberIdSchema,
      recallMicros: micros,
      verdict: z.enum(ATTESTATION_VERDICTS),
    }),
  ),
  efSearch: count,
  /** Of the block that holds it; null until it is decided. */
  height: count.nullable(),
  id: digestSchema,
  k: count,
  proposer: memberIdSchema,
  /** Certified lower bound of recall; null until it is decided. */
  recallMicros: micros.nullable(),
  status: z.enum(['proposed', 'final', 'lapsed', 'retired']),
  supersededBy: digestSchema.nullable(),
  verdicts: z.strictObject({ abstains: count, accepts: count, rejects: count }),
});

export const patternsSchema = z.strictObject({ patterns: listOf(patternSchema) });

const members = listOf(memberIdSchema);

export const chainSchema = z.strictObject({
  /** Null until the chain has opened, which it does with the first round. */
  chain: z
    .strictObject({
      block: digestSchema,
      engine: z.enum(['simplex', 'snow']),
      epoch: count,
      height: count,
      memberChanges: listOf(
        z.strictObject({ epoch: count, height: count, joined: members, left: members }),
      ),
      /** Who decides the epoch. */
      members,
      movedAtMs: timeMs.nullable(),
      settings: listOf(
        z.strictObject({
          approvals: members,
          author: memberIdSchema.nullable(),
          height: count.nullable(),
          id: digestSchema,
          name: z.string(),
          status: z.enum(['proposed', 'final']),
          value: z.string(),
        }),
      ),
      version: count,
    })
    .nullable(),
});

export const privacySchema = z.strictObject({
  sites: listOf(
    z.strictObject({
      member: memberIdSchema,
      /** As the site reported; null when it did not, or keeps it to itself. */
      privacy: siteReportSchema.shape.privacy,
      site: z.string(),
    }),
  ),
});
