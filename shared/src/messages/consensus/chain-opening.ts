// How an odd era of the engine snow begins: a leader's set of starting votes, for the members to
// certify. Its digest is what they vote for; it is no block of the chain.

import { z } from 'zod';
import { bytesSchema } from '../../bytes.ts';
import { digestSchema, memberIdSchema } from '../../ids.ts';
import { uintSchema } from '../../numbers.ts';
import { defineMessage } from '../message-definition.ts';
import { ROSTER_MEMBERS_MAX } from '../roster.ts';
import { BLOCK_BYTES_MAX } from './chain-block.ts';
import { startingVoteSchema } from './chain-stall.ts';
import { chainCertificateSchema } from './chain-vote.ts';
import { collectionSchema } from './names.ts';

/** Openings that trail the first one, at most, in an answer. */
export const OPENINGS_ANSWERED_MAX = 65;

/** The longest signature: ML-DSA-87 has 4,627 bytes, ML-DSA-65 3,309. */
const SIGNATURE_BYTES_MAX = 4627;

const statedSchema = z.strictObject({
  /** Over the member's chain-stall statement: this era's predecessor, this start. */
  signature: bytesSchema.refine(({ byteLength }) => byteLength <= SIGNATURE_BYTES_MAX, {
    error: `has more than ${SIGNATURE_BYTES_MAX} bytes`,
  }),
  start: startingVoteSchema,
  voter: uintSchema.max(ROSTER_MEMBERS_MAX - 1),
});

export const chainOpeningSchema = z.strictObject({
  collection: collectionSchema,
  epoch: uintSchema.min(1),
  /** 1 for the first of its era, and one more for each that trails it. */
  height: uintSchema.min(1),
  leader: memberIdSchema,
  /** 64 zeros for the first of its era. */
  parent: digestSchema,
  parentView: uintSchema,
  /** In ascending order of voters; empty in one that trails. */
  starts: z
    .array(statedSchema)
    .max(ROSTER_MEMBERS_MAX)
    .refine((starts) => starts.every(({ voter }, i) => voter > (starts[i - 1]?.voter ?? -1)), {
      error: 'are not in ascending order of their voters, once each',
    }),
  view: uintSchema.min(1),
});
export type ChainOpening = z.infer<typeof chainOpeningSchema>;

export const chainOpening = defineMessage<ChainOpening>({
  type: 'chain-opening',
  form: 'statement',
  topic: 'consensus',
  sender: 'peer',
  bodyBytesMax: BLOCK_BYTES_MAX,
  lifetimeMs: 0,
  schema: chainOpeningSchema,
});

/** Bodies of openings, the first one and those that trail it, and what certifies the last. */
export const openedEraSchema = z.strictObject({
  certificate: chainCertificateSchema,
  openings: z.array(bytesSchema).min(1).max(OPENINGS_ANSWERED_MAX),
});
export type OpenedEra = z.infer<typeof openedEraSchema>;
