// A member as the operator API shows it, and what it last said of itself.

import {
  EVALUATION_STAGES,
  memberIdSchema,
  SITE_STATES,
  siteReportSchema,
  z,
} from '@starling/shared';
import { count, listOf, micros, timeMs, units } from './list-schema.ts';

/** Each state has the ones before it: who trains is configured, registered and connected. */
export const MEMBER_STATES = ['offline', ...SITE_STATES] as const;

export const memberSchema = z.strictObject({
  balance: units,
  connected: z.boolean(),
  evaluations: listOf(
    z.strictObject({
      epochs: count,
      mrrMicros: micros,
      queries: count,
      recallAt10Micros: micros,
      stage: z.enum(EVALUATION_STAGES),
      version: count,
    }),
  ),
  examplesRounded: count,
  /** When something last came over its own connection; null when nothing has since the start. */
  lastContactMs: timeMs.nullable(),
  member: memberIdSchema,
  ready: z.boolean(),
  registered: z.boolean(),
  /** What it last said of itself; null before that, and when it is too long ago. */
  report: siteReportSchema.nullable(),
  reportedAtMs: timeMs.nullable(),
  site: z.string(),
  state: z.enum(MEMBER_STATES),
});

export const membersSchema = z.strictObject({ members: listOf(memberSchema) });

export const meshSchema = z.strictObject({
  /** Connections that are known, each once. */
  links: listOf(
    z.strictObject({
      from: memberIdSchema,
      /** Part of the mesh that gossip is pushed along. */
      mesh: z.boolean(),
      rttMs: z.number().min(0).nullable(),
      to: memberIdSchema,
    }),
  ),
  nodes: listOf(
    z.strictObject({
      kind: z.enum(['coordinator', 'site']),
      member: memberIdSchema,
      site: z.string(),
    }),
  ),
});
