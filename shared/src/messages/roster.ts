// The allow-list: who is a member, under which keys. Signed by the administrator, hash-chained.

import { z } from 'zod';
import { bytesSchema } from '../bytes.ts';
import { digestSchema, memberIdSchema, transportIdSchema } from '../ids.ts';
import { uintSchema } from '../numbers.ts';
import { defineMessage } from './message-definition.ts';
import { siteNameSchema } from './site-name.ts';

export const ROSTER_MEMBERS_MAX = 100;

export const rosterMemberSchema = z.strictObject({
  member: memberIdSchema,
  publicKey: bytesSchema,
  role: z.enum(['coordinator', 'peer']),
  site: siteNameSchema,
  status: z.enum(['active', 'revoked']),
  transportId: transportIdSchema,
});

export const rosterSchema = z.strictObject({
  members: z
    .array(rosterMemberSchema)
    .min(1)
    .max(ROSTER_MEMBERS_MAX + 1),
  /** Body digest of the roster before this one; null for the first. */
  previous: digestSchema.nullable(),
  seq: uintSchema,
});

export type RosterMember = z.infer<typeof rosterMemberSchema>;
export type Roster = z.infer<typeof rosterSchema>;

export const roster = defineMessage<Roster>({
  type: 'roster',
  form: 'statement',
  topic: 'control',
  sender: 'coordinator',
  bodyBytesMax: 256 * 1024,
  lifetimeMs: 0,
  schema: rosterSchema,
});
