// The status of the federation, whole and as its head alone.

import { digestSchema, federationIdSchema, memberIdSchema, z } from '@starling/shared';
import { count, listOf, timeMs } from './list-schema.ts';
import { memberSchema } from './member-schema.ts';
import { roundSummarySchema } from './round-schema.ts';

/** The status without members and rounds, which have answers and events of their own. */
export const statusHeadSchema = z.strictObject({
  addresses: listOf(z.string()),
  app: z.strictObject({ digest: digestSchema, name: z.string(), strategy: z.string() }).nullable(),
  coordinator: memberIdSchema,
  /** Events in the log. */
  events: count,
  federation: federationIdSchema,
  finished: z.boolean(),
  log: z.strictObject({
    detail: z.string(),
    kind: z.enum(['nats', 'sqlite']),
    reachable: z.boolean(),
    where: z.string(),
  }),
  model: z.string(),
  name: z.string(),
  /** The version that is held to be the best. */
  pinned: count.nullable(),
  roster: z.strictObject({
    epoch: count,
    expired: z.boolean(),
    notAfterMs: timeMs,
    proposal: z.strictObject({ seq: count, signed: count, threshold: count }).nullable(),
    seq: count,
  }),
  roundsDone: count,
  roundsPlanned: count,
  /** Why the run ended before its last round. */
  stopped: z.string().nullable(),
  version: count,
  /** What the rules wait for, in words. */
  waitingFor: z.string(),
});

export const statusSchema = statusHeadSchema.extend({
  members: listOf(memberSchema),
  rounds: listOf(roundSummarySchema),
});
