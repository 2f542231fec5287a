// A member as the operator API shows it, and what it last said of itself.

import { EVALUATION_STAGES, memberIdSchema, z } from '@starling/shared';
import { count, listOf, micros, timeMs, units } from './list-schema.ts';

export const MEMBER_STATES = [
  'offline',
  'connected',
  'registered',
  'configured',
  'training',
] as const;

/** As in the status. */
export const memberStatusSchema = z.strictObject({
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
  member: memberIdSchema,
  ready: z.boolean(),
  registered: z.boolean(),
  site: z.string(),
});

/** Each state has the ones before it: who trains is configured, registered and connected. */
export const memberSchema = memberStatusSchema.extend({
  /** Null when it was not seen since this coordinator leads. */
  lastContactMs: timeMs.nullable(),
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
