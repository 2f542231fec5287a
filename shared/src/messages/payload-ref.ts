// A payload is named by its content: everything over 256 KiB is pulled by this reference.

import { z } from 'zod';
import { digestSchema } from '../ids.ts';
import { uintSchema } from '../numbers.ts';

/** Chunk size of payload transfer; what is larger is offered as a payload, not gossiped. */
export const CHUNK_BYTES = 256 * 1024;
/** Largest payload that is offered or pulled. */
export const PAYLOAD_BYTES_MAX = 512 * 1024 * 1024;

export const payloadRefSchema = z.strictObject({
  bytes: uintSchema.max(PAYLOAD_BYTES_MAX),
  root: digestSchema,
});

/** Merkle root over the payload's chunks, and its length. */
export type PayloadRef = z.infer<typeof payloadRefSchema>;
