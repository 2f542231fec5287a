// The request protocol between a member and the coordinator: what is too large or too private for
// gossip. Requests carry signed frames; answers carry the frames of others.

import { z } from 'zod';
import { bytesSchema } from '../../bytes.ts';
import { digestSchema, memberIdSchema } from '../../ids.ts';
import { SESSION_PARTICIPANTS_MAX } from './session-announce.ts';
import { SESSION_PHASES } from './session-phase.ts';

/** Request protocol of a secure aggregation. */
export const SECAGG_PROTOCOL = 'secagg';
/** Largest request: R1 of a member of the largest complete graph. */
export const SECAGG_REQUEST_BYTES_MAX = 1024 * 1024;
/** Largest answer: the packets for one member of the largest complete graph. */
export const SECAGG_ANSWER_BYTES_MAX = 2 * 1024 * 1024;

const list = <T extends z.ZodType>(item: T) => z.array(item).max(SESSION_PARTICIPANTS_MAX);

export const secaggRequestSchema = z.discriminatedUnion('kind', [
  /** R0, R4 or a complaint. */
  z.strictObject({ frame: bytesSchema, kind: z.literal('message') }),
  /** R1 with its leaves, in the order of their recipients. */
  z.strictObject({ frame: bytesSchema, kind: z.literal('shares'), leaves: list(bytesSchema) }),
  /** What the others said, as far as it concerns the asker. */
  z.strictObject({
    kind: z.literal('inbox'),
    phase: z.enum(SESSION_PHASES),
    session: digestSchema,
  }),
  /** The asker will say nothing more in this session: nobody has to wait for it. */
  z.strictObject({ kind: z.literal('decline'), session: digestSchema }),
]);
export type SecaggRequest = z.infer<typeof secaggRequestSchema>;

/** One leaf of another member's R1 with the proof that it was signed. */
export const sharePacketSchema = z.strictObject({
  frame: bytesSchema,
  index: z.int().nonnegative(),
  leaf: bytesSchema,
  /** Sibling hashes from the leaf to the root (RFC 6962). */
  path: z.array(bytesSchema).max(16),
});
export type SharePacket = z.infer<typeof sharePacketSchema>;

export const memberSignatureSchema = z.strictObject({
  member: memberIdSchema,
  signature: bytesSchema,
});
export type MemberSignature = z.infer<typeof memberSignatureSchema>;

export const secaggAnswerSchema = z.discriminatedUnion('outcome', [
  z.strictObject({ outcome: z.literal('taken') }),
  z.strictObject({ outcome: z.literal('refused'), reason: z.string().max(400) }),
  /** Digests of everyone's R0 in the order of U1, and the neighbours' frames. */
  z.strictObject({
    digests: list(digestSchema),
    frames: list(bytesSchema),
    outcome: z.literal('keys'),
  }),
  /** Digests of the survivors' R2 in the order of U3. */
  z.strictObject({ digests: list(digestSchema), outcome: z.literal('inputs') }),
  z.strictObject({ outcome: z.literal('packets'), packets: list(sharePacketSchema) }),
  z.strictObject({ outcome: z.literal('signatures'), signatures: list(memberSignatureSchema) }),
]);
export type SecaggAnswer = z.infer<typeof secaggAnswerSchema>;
