// What the coordinator publishes of a finished session: everything from which anyone computes the
// sum again. It reveals no more than the coordinator had to learn.

import { z } from 'zod';
import { bytesSchema } from '../../bytes.ts';
import { digestSchema, memberIdSchema } from '../../ids.ts';
import { memberSignatureSchema, sharePacketSchema } from './secagg-request.ts';
import { SESSION_PARTICIPANTS_MAX } from './session-announce.ts';

const list = <T extends z.ZodType>(item: T) => z.array(item).max(SESSION_PARTICIPANTS_MAX);
const opened = z.strictObject({ member: memberIdSchema, secret: bytesSchema });

export const sessionTranscriptSchema = z.strictObject({
  /** The announce frame. */
  announce: bytesSchema,
  /** Seed of the coordinator's own noise; null unless the mechanism is central. */
  centralNoise: bytesSchema.nullable(),
  /** Signatures over the survivors' statement. */
  certificate: list(memberSignatureSchema),
  /** R0 frames of all that shared, ordered by member. */
  keys: list(bytesSchema),
  /** R2 frames of the survivors, ordered by member. */
  masked: list(bytesSchema),
  /** Who shared, with the digest of its R1; ordered by member. */
  sharers: list(z.strictObject({ digest: digestSchema, member: memberIdSchema })),
  /** Opened seeds of those that shared and did not survive. */
  seeds: list(opened),
  /** Opened self-mask secrets of the survivors. */
  selves: list(opened),
  /** Pair values that survivors with lower ids wrapped to the dropped ones. */
  wraps: z.array(sharePacketSchema).max(SESSION_PARTICIPANTS_MAX * 256),
});
export type SessionTranscript = z.infer<typeof sessionTranscriptSchema>;

/** Largest transcript that is fetched, in bytes. */
export const TRANSCRIPT_BYTES_MAX = 64 * 1024 * 1024;
