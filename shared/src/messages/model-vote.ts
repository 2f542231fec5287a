// A member's vote: it recomputed the sum and got this model. A quorum of these is a certificate.

import { z } from 'zod';
import { bytesSchema } from '../bytes.ts';
import { digestSchema, memberIdSchema } from '../ids.ts';
import { uintSchema } from '../numbers.ts';
import { defineMessage } from './message-definition.ts';
import { ROSTER_MEMBERS_MAX } from './roster.ts';

export const modelVoteSchema = z.strictObject({
  base: digestSchema,
  model: digestSchema,
  plan: digestSchema,
  round: uintSchema.min(1),
  /** Root of the update frames that were summed. */
  updates: digestSchema,
  version: uintSchema.min(1),
});

export type ModelVote = z.infer<typeof modelVoteSchema>;

export const modelVote = defineMessage<ModelVote>({
  type: 'model-vote',
  form: 'statement',
  topic: 'vote',
  sender: 'peer',
  bodyBytesMax: 2048,
  lifetimeMs: 0,
  schema: modelVoteSchema,
});

/** The voted body once, and each voter's signature over its own statement of it. */
export const modelCertificateSchema = z.strictObject({
  body: bytesSchema,
  signatures: z
    .array(z.strictObject({ member: memberIdSchema, signature: bytesSchema }))
    .min(1)
    .max(ROSTER_MEMBERS_MAX),
});

export type ModelCertificate = z.infer<typeof modelCertificateSchema>;
