// Two signed frames of one member that contradict each other: whoever knows the roster checks them.

import { z } from 'zod';
import { bytesSchema } from '../../bytes.ts';
import { defineMessage } from '../message-definition.ts';
import { collectionSchema } from './names.ts';

/** Largest frame in evidence. Two longer proposals are kept and shown on request, not gossiped. */
export const EVIDENCE_FRAME_BYTES_MAX = 240 * 1024;

const frameBytes = bytesSchema.refine(({ byteLength }) => byteLength <= EVIDENCE_FRAME_BYTES_MAX, {
  error: `has more than ${EVIDENCE_FRAME_BYTES_MAX} bytes`,
});

export const chainEvidenceSchema = z.strictObject({
  collection: collectionSchema,
  first: frameBytes,
  second: frameBytes,
});
export type ChainEvidence = z.infer<typeof chainEvidenceSchema>;

export const chainEvidence = defineMessage<ChainEvidence>({
  type: 'chain-evidence',
  form: 'statement',
  topic: 'consensus',
  sender: 'peer',
  bodyBytesMax: 484 * 1024,
  lifetimeMs: 0,
  schema: chainEvidenceSchema,
});
