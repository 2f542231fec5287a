// Admission: a signed invitation travels as a file, its bearer answers with a signed request. By
// the same request a member binds new keys.

import { z } from 'zod';
import { bytesSchema } from '../bytes.ts';
import { digestSchema, transportIdSchema } from '../ids.ts';
import { uintSchema } from '../numbers.ts';
import { defineMessage } from './message-definition.ts';
import { siteNameSchema } from './site-name.ts';

/** Request protocol of admission. */
export const JOIN_PROTOCOL = 'join';
export const ADDRESSES_MAX = 8;
export const addressSchema = z.string().min(3).max(256);
export const INVITATION_LIFETIME_MS = 7 * 24 * 3600 * 1000;

export const invitationSchema = z.strictObject({
  /** Multiaddrs of the coordinator, with its peer id. */
  addresses: z.array(addressSchema).min(1).max(ADDRESSES_MAX),
  coordinator: transportIdSchema,
  /** The genesis frame, so that the invitee can verify who invites it to what. */
  genesis: bytesSchema,
  /** Single use: the coordinator refuses a nonce it has seen. */
  nonce: digestSchema,
  /** Roster in force: once the site is revoked, what was signed before admits nobody. */
  rosterSeq: uintSchema,
  site: siteNameSchema,
});

export type Invitation = z.infer<typeof invitationSchema>;

export const invitation = defineMessage<Invitation>({
  type: 'invitation',
  form: 'envelope',
  topic: 'direct',
  sender: 'coordinator',
  bodyBytesMax: 96 * 1024,
  lifetimeMs: INVITATION_LIFETIME_MS,
  schema: invitationSchema,
});

export const joinRequestSchema = z.strictObject({
  /** The binding record of the sender's keys, which both of them signed. */
  binding: bytesSchema,
  /** The invitation frame, byte for byte; null when a member binds new keys. */
  invitation: bytesSchema.nullable(),
  /** The record by which the sender's key takes the place of a member's; else null. */
  rotation: bytesSchema.nullable(),
});

export type JoinRequest = z.infer<typeof joinRequestSchema>;

export const joinRequest = defineMessage<JoinRequest>({
  type: 'join-request',
  form: 'envelope',
  topic: 'direct',
  sender: 'applicant',
  bodyBytesMax: 160 * 1024,
  lifetimeMs: 60_000,
  schema: joinRequestSchema,
});

export const joinResponseSchema = z.discriminatedUnion('outcome', [
  z.strictObject({ outcome: z.literal('admitted'), roster: bytesSchema }),
  z.strictObject({
    outcome: z.literal('pending'),
    /** Signatures of administrators: how many there are, how many make the roster count. */
    signed: uintSchema,
    threshold: uintSchema,
    why: z.string().max(400),
  }),
  z.strictObject({ outcome: z.literal('refused'), reason: z.string().max(400) }),
]);

export type JoinResponse = z.infer<typeof joinResponseSchema>;

export const joinResponse = defineMessage<JoinResponse>({
  type: 'join-response',
  form: 'envelope',
  topic: 'direct',
  sender: 'coordinator',
  bodyBytesMax: 488 * 1024,
  lifetimeMs: 60_000,
  schema: joinResponseSchema,
});
