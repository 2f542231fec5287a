// What a block holds. Patterns and settings gossip in parts; models and membership, which are whole
// when they appear, travel as a `chain-entry`.

import { z } from 'zod';
import { bytesSchema } from '../../bytes.ts';
import { digestSchema, memberIdSchema } from '../../ids.ts';
import { uintSchema } from '../../numbers.ts';
import { defineMessage } from '../message-definition.ts';
import { modelCertificateSchema } from '../model-vote.ts';
import { collectionSchema, oncePerMember } from './names.ts';
import { measurementShape } from './pattern-attestation.ts';
import { patternProposalSchema } from './pattern-proposal.ts';
import { settingProposalSchema } from './setting.ts';

/** A signed roster in a block: 400 KiB of body and 16 administrators' signatures. */
export const ENTRY_ROSTER_BYTES_MAX = 456 * 1024;
/** Longest signature in an entry, in bytes; ML-DSA-65 has 3309. */
export const ENTRY_SIGNATURE_BYTES_MAX = 4096;
/** A vote does not say of which model; while there is one, it is this. */
export const MODEL_IDS = ['encoder'] as const;

const signatureSchema = bytesSchema.refine(
  ({ byteLength }) => byteLength <= ENTRY_SIGNATURE_BYTES_MAX,
  { error: `has more than ${ENTRY_SIGNATURE_BYTES_MAX} bytes` },
);

export const patternEntrySchema = z.strictObject({
  /** The fields of each `pattern-attestation` that the proposal's digest does not give. */
  attestations: oncePerMember(
    z.strictObject({ ...measurementShape, member: memberIdSchema, signature: signatureSchema }),
  ),
  kind: z.literal('pattern'),
  proposal: patternProposalSchema,
  /** The author's, over its `pattern-proposal`. */
  signature: signatureSchema,
});
export type PatternEntry = z.infer<typeof patternEntrySchema>;
export type EntryAttestation = PatternEntry['attestations'][number];

export const modelEntrySchema = z.strictObject({
  baseVersion: uintSchema,
  /** A quorum's signatures over one `model-vote`. */
  certificate: modelCertificateSchema,
  kind: z.literal('model'),
  /** Digest of the members, of this epoch or the one before, whose votes these are. */
  membership: digestSchema,
  model: z.enum(MODEL_IDS),
  version: uintSchema.min(1),
});
export type ModelEntry = z.infer<typeof modelEntrySchema>;

export const settingEntrySchema = z.strictObject({
  /** Who signed a `setting-approval` of it. */
  approvals: oncePerMember(z.strictObject({ member: memberIdSchema, signature: signatureSchema })),
  kind: z.literal('setting'),
  proposal: settingProposalSchema,
  /** The author's, over its `setting-proposal`. */
  signature: signatureSchema,
});
export type SettingEntry = z.infer<typeof settingEntrySchema>;

export const membershipEntrySchema = z.strictObject({
  kind: z.literal('membership'),
  /** A signed roster: one body and the administrators' signatures. */
  roster: bytesSchema.refine(({ byteLength }) => byteLength <= ENTRY_ROSTER_BYTES_MAX, {
    error: `has more than ${ENTRY_ROSTER_BYTES_MAX} bytes`,
  }),
});
export type MembershipEntry = z.infer<typeof membershipEntrySchema>;

export const chainEntrySchema = z.discriminatedUnion('kind', [
  patternEntrySchema,
  modelEntrySchema,
  settingEntrySchema,
  membershipEntrySchema,
]);
export type ChainEntry = z.infer<typeof chainEntrySchema>;

export const chainEntryBodySchema = z.strictObject({
  collection: collectionSchema,
  entry: z.discriminatedUnion('kind', [modelEntrySchema, membershipEntrySchema]),
});
export type ChainEntryBody = z.infer<typeof chainEntryBodySchema>;

/** Passed on by gossip; what counts are the signatures inside. */
export const chainEntry = defineMessage<ChainEntryBody>({
  type: 'chain-entry',
  form: 'statement',
  topic: 'consensus',
  sender: 'peer',
  bodyBytesMax: 464 * 1024,
  lifetimeMs: 0,
  schema: chainEntryBodySchema,
});
