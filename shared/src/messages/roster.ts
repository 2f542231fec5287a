// The allow-list: who is a member, under which keys, and who is no longer. Administrators sign it,
// each roster names the one before, and it ends by itself, so that nobody is held on an old one.

import { z } from 'zod';
import { bytesSchema } from '../bytes.ts';
import { digestSchema, memberIdSchema, transportIdSchema } from '../ids.ts';
import { uintSchema } from '../numbers.ts';
import { ADMINISTRATORS_MAX } from './genesis.ts';
import { defineMessage } from './message-definition.ts';
import { siteNameSchema } from './site-name.ts';

export const ROSTER_MEMBERS_MAX = 100;
export const REVOKED_MAX = 256;
/** Largest roster with its administrators' signatures. */
export const SIGNED_ROSTER_BYTES_MAX = 480 * 1024;
/** How long a roster is good for unless the coordinator's config says otherwise. */
export const ROSTER_LIFE_MS = 24 * 3600 * 1000;

export const rosterMemberSchema = z.strictObject({
  /** Body digest of the newest binding record of this member's keys, its number and its end. */
  binding: digestSchema,
  bindingSeq: uintSchema.min(1),
  bindingUntilMs: uintSchema,
  /** Id of the key that this member's key took the place of. */
  formerly: memberIdSchema.nullable(),
  member: memberIdSchema,
  publicKey: bytesSchema,
  role: z.enum(['coordinator', 'peer']),
  /** When it was admitted, by the coordinator's clock. */
  sinceMs: uintSchema,
  site: siteNameSchema,
  /** `lapsed`: its binding ended; it is a member again with a new one. */
  status: z.enum(['active', 'lapsed']),
  transportId: transportIdSchema,
});

export const revokedMemberSchema = z.strictObject({
  /** The roster that revoked it. */
  fromSeq: uintSchema.min(2),
  member: memberIdSchema,
  reason: z.string().min(1).max(200),
  site: siteNameSchema,
  transportId: transportIdSchema,
});

export const rosterSchema = z.strictObject({
  /** Rises with every roster that changes members or keys; a mere renewal keeps it. */
  epoch: uintSchema.min(1),
  /** In ascending order of their ids. */
  members: z
    .array(rosterMemberSchema)
    .min(1)
    .max(ROSTER_MEMBERS_MAX + 1),
  notAfterMs: uintSchema,
  /** Body digest of the roster before this one; null for the first. */
  previous: digestSchema.nullable(),
  /** In ascending order of their ids; nobody ever leaves this list. */
  revoked: z.array(revokedMemberSchema).max(REVOKED_MAX),
  seq: uintSchema.min(1),
});

export type RosterMember = z.infer<typeof rosterMemberSchema>;
export type RevokedMember = z.infer<typeof revokedMemberSchema>;
export type Roster = z.infer<typeof rosterSchema>;

/** What each administrator signs. It counts, and travels, as a {@link SignedRoster}. */
export const roster = defineMessage<Roster>({
  type: 'roster',
  form: 'statement',
  topic: 'direct',
  sender: 'administrator',
  bodyBytesMax: 400 * 1024,
  lifetimeMs: 0,
  schema: rosterSchema,
});

/** One body and the signatures of enough administrators over it, ascending by member. */
export const signedRosterSchema = z.strictObject({
  body: bytesSchema,
  signatures: z
    .array(z.strictObject({ member: memberIdSchema, signature: bytesSchema }))
    .max(ADMINISTRATORS_MAX),
});

export type SignedRoster = z.infer<typeof signedRosterSchema>;

const signedRosterBytes = bytesSchema.refine(
  ({ byteLength }) => byteLength <= SIGNED_ROSTER_BYTES_MAX,
  { error: `has more than ${SIGNED_ROSTER_BYTES_MAX} bytes` },
);

export const rosterNoticeSchema = z.strictObject({ roster: signedRosterBytes });

/** The roster in force, passed on by gossip; what counts is the administrators' signatures. */
export const rosterNotice = defineMessage<z.infer<typeof rosterNoticeSchema>>({
  type: 'roster-notice',
  form: 'statement',
  topic: 'control',
  sender: 'coordinator',
  bodyBytesMax: 488 * 1024,
  lifetimeMs: 0,
  schema: rosterNoticeSchema,
});

/** Request protocol by which a site that was away gets the rosters it missed, one by one. */
export const ROSTER_PROTOCOL = 'roster';

export const rosterRequest = defineMessage<{ seq: number }>({
  type: 'roster-request',
  form: 'envelope',
  topic: 'direct',
  sender: 'peer',
  bodyBytesMax: 256,
  lifetimeMs: 30_000,
  schema: z.strictObject({ seq: uintSchema.min(1) }),
});

export const rosterResponseSchema = z.strictObject({ roster: signedRosterBytes.nullable() });

export const rosterResponse = defineMessage<z.infer<typeof rosterResponseSchema>>({
  type: 'roster-response',
  form: 'envelope',
  topic: 'direct',
  sender: 'coordinator',
  bodyBytesMax: 488 * 1024,
  lifetimeMs: 30_000,
  schema: rosterResponseSchema,
});
