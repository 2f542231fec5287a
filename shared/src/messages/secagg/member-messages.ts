// R0 to R4 of PSA-1: what a member says in one session. Statements, because the session binds each
// to its round and attempt for ever.

import { z } from 'zod';
import { bytesSchema } from '../../bytes.ts';
import { digestSchema, memberIdSchema } from '../../ids.ts';
import { uintSchema } from '../../numbers.ts';
import { defineMessage } from '../message-definition.ts';
import { payloadRefSchema } from '../payload-ref.ts';
import { SESSION_PARTICIPANTS_MAX } from './session-announce.ts';

/** R0: fresh keys, and commitments to the two secrets behind the masks. */
export const keyAdvertisementSchema = z.strictObject({
  /** X-Wing key that shares travel under; its secret is never shared. */
  channelKey: bytesSchema,
  /** X-Wing key of the pair masks; its secret follows from the seed that is shared. */
  maskKey: bytesSchema,
  seedCommitment: digestSchema,
  selfCommitment: digestSchema,
  session: digestSchema,
});
export type KeyAdvertisement = z.infer<typeof keyAdvertisementSchema>;

export const keyAdvertisement = defineMessage<KeyAdvertisement>({
  type: 'keys',
  form: 'statement',
  topic: 'direct',
  sender: 'peer',
  bodyBytesMax: 4096,
  lifetimeMs: 0,
  schema: keyAdvertisementSchema,
});

/** R1: one signature over the Merkle root of one leaf for each recipient. */
export const shareBundleSchema = z.strictObject({
  /** Root of the `sharing` phase: the keys under which the leaves are sealed. */
  advertised: digestSchema,
  leaves: uintSchema.min(1).max(SESSION_PARTICIPANTS_MAX),
  root: digestSchema,
  session: digestSchema,
});
export type ShareBundle = z.infer<typeof shareBundleSchema>;

export const shareBundle = defineMessage<ShareBundle>({
  type: 'shares',
  form: 'statement',
  topic: 'direct',
  sender: 'peer',
  bodyBytesMax: 1024,
  lifetimeMs: 0,
  schema: shareBundleSchema,
});

/** A leaf of R1, for one recipient. */
export const shareLeafSchema = z.strictObject({
  /** Position and the two shares, sealed to the recipient's channel key. */
  box: bytesSchema,
  ciphertext: bytesSchema,
  recipient: memberIdSchema,
  seedShareCommitment: digestSchema,
  selfShareCommitment: digestSchema,
  /** The pair value, sealed to the recipient's mask key; from the lower id to the higher. */
  wrap: z.strictObject({ box: bytesSchema, ciphertext: bytesSchema }).nullable(),
});
export type ShareLeaf = z.infer<typeof shareLeafSchema>;

/** R2: the signed header of the masked vector; the vector is pulled by its root. */
export const maskedInputSchema = z.strictObject({
  /**
   * Salted digest of how the update behind the masks was trained, difference included. The salt
   * stays at the site: without it a guessed update could be held against the digest.
   */
  commitment: digestSchema,
  payload: payloadRefSchema,
  session: digestSchema,
  /** Root of the `masking` phase: whose masks are in it. */
  sharers: digestSchema,
});
export type MaskedInput = z.infer<typeof maskedInputSchema>;

export const maskedInput = defineMessage<MaskedInput>({
  type: 'masked',
  form: 'statement',
  topic: 'site',
  sender: 'peer',
  bodyBytesMax: 1024,
  lifetimeMs: 0,
  schema: maskedInputSchema,
});

/** R3: the one set of survivors whose sum may be opened. */
export const survivorsSchema = z.strictObject({
  members: z.array(memberIdSchema).min(1).max(SESSION_PARTICIPANTS_MAX),
  /** Root of the `signing` phase: the survivors' masked vectors. */
  root: digestSchema,
  session: digestSchema,
  sharers: digestSchema,
});
export type Survivors = z.infer<typeof survivorsSchema>;

export const survivors = defineMessage<Survivors>({
  type: 'survivors',
  form: 'statement',
  topic: 'vote',
  sender: 'peer',
  bodyBytesMax: 96 * 1024,
  lifetimeMs: 0,
  schema: survivorsSchema,
});

/** R4: one share of each member's one secret, sealed to the coordinator. */
export const unmaskSharesSchema = z.strictObject({
  box: bytesSchema,
  ciphertext: bytesSchema,
  session: digestSchema,
});
export type UnmaskShares = z.infer<typeof unmaskSharesSchema>;

export const unmaskShares = defineMessage<UnmaskShares>({
  type: 'unmask',
  form: 'statement',
  topic: 'direct',
  sender: 'peer',
  bodyBytesMax: 256 * 1024,
  lifetimeMs: 0,
  schema: unmaskSharesSchema,
});

/** What R4 seals: in the order of members, the kind following from the survivors. */
export const openedSharesSchema = z.strictObject({
  shares: z
    .array(z.strictObject({ member: memberIdSchema, share: bytesSchema }))
    .max(SESSION_PARTICIPANTS_MAX),
});

export const COMPLAINT_REASONS = ['packet-unopened', 'packet-mismatch', 'packet-missing'] as const;

/** A member could not use what another one sent it. */
export const complaintSchema = z.strictObject({
  accused: memberIdSchema,
  reason: z.enum(COMPLAINT_REASONS),
  session: digestSchema,
});
export type Complaint = z.infer<typeof complaintSchema>;

export const complaint = defineMessage<Complaint>({
  type: 'complaint',
  form: 'statement',
  topic: 'direct',
  sender: 'peer',
  bodyBytesMax: 1024,
  lifetimeMs: 0,
  schema: complaintSchema,
});
