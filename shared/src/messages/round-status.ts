// The coordinator's heartbeat and its acknowledgements: a site re-publishes until it is listed.

import { z } from 'zod';
import { digestSchema, memberIdSchema } from '../ids.ts';
import { uintSchema } from '../numbers.ts';
import { defineMessage } from './message-definition.ts';
import { ROSTER_MEMBERS_MAX } from './roster.ts';

/** A masked round passes through all of them, a plain one goes from training to voting. */
export const ROUND_PHASES = [
  'idle',
  'training',
  'sharing',
  'masking',
  'signing',
  'unmasking',
  'voting',
  'final',
  'failed',
] as const;
export type RoundPhase = (typeof ROUND_PHASES)[number];

export const MISSING_REASONS = [
  'offline',
  'timeout',
  'refused',
  /**
   * It said that it takes no part: its training broke, its budget is spent, it was restarted. The
   * log holds its signed `withdrawal`, which names the reason, if it is out of the whole round.
   */
  'declined',
  /** It did its part, but its group of a masked round has no sum. */
  'group-failed',
  /** More were asked than are needed, and enough others were faster. */
  'surplus',
] as const;
export type MissingReason = (typeof MISSING_REASONS)[number];

export const missingMemberSchema = z.strictObject({
  member: memberIdSchema,
  /** Phase in which nobody waited for it any longer; unknown when absent. */
  phase: z.enum(ROUND_PHASES).exactOptional(),
  reason: z.enum(MISSING_REASONS),
});
export type MissingMember = z.infer<typeof missingMemberSchema>;

const members = z.array(memberIdSchema).max(ROSTER_MEMBERS_MAX);

export const roundStatusSchema = z.strictObject({
  /** Evaluations on record, as `member:stage`. */
  evaluated: z.array(z.string().max(100)).max(4 * ROSTER_MEMBERS_MAX),
  /** Every planned round is over: sites adopt the last version and report. */
  finished: z.boolean(),
  missing: z.array(missingMemberSchema).max(ROSTER_MEMBERS_MAX),
  /** Newest final version. */
  model: digestSchema,
  phase: z.enum(ROUND_PHASES),
  /** Sites that may be selected. */
  ready: members,
  received: members,
  registered: members,
  rosterSeq: uintSchema,
  round: uintSchema,
  /** The secure aggregations that run: who has answered in their present phase. */
  sessions: z
    .array(z.strictObject({ answered: members, id: digestSchema }))
    .max(ROSTER_MEMBERS_MAX),
  version: uintSchema,
  voted: members,
});

export type RoundStatus = z.infer<typeof roundStatusSchema>;

export const roundStatus = defineMessage<RoundStatus>({
  type: 'round-status',
  form: 'envelope',
  topic: 'control',
  sender: 'coordinator',
  bodyBytesMax: 192 * 1024,
  lifetimeMs: 10_000,
  schema: roundStatusSchema,
});
