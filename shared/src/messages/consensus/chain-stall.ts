// The engine snow when its polls decide nothing (Frosty, arXiv 2404.14250): a member says that it is
// stuck, or that it has halted its polls and where it stands. The latter once in an era, ever.

import { z } from 'zod';
import { bytesSchema } from '../../bytes.ts';
import { uintSchema } from '../../numbers.ts';
import { defineMessage } from '../message-definition.ts';
import { collectionSchema } from './names.ts';

/** Digests of one starting vote: 16 decided blocks below the last one, it, and 24 above. */
export const STARTING_BLOCKS_MAX = 41;
const DIGEST_BYTES = 32;

export const startingVoteSchema = z
  .strictObject({
    /** Digests of consecutive blocks, 32 bytes each, the lowest first, the preference last. */
    chain: bytesSchema.refine(
      ({ byteLength }) =>
        byteLength > 0 &&
        byteLength % DIGEST_BYTES === 0 &&
        byteLength <= STARTING_BLOCKS_MAX * DIGEST_BYTES,
      { error: `are not 1 to ${STARTING_BLOCKS_MAX} digests` },
    ),
    /** Height of the last decided one among them. */
    decidedHeight: uintSchema,
    /** Height of the lowest one. */
    fromHeight: uintSchema,
  })
  .refine(
    ({ chain, decidedHeight, fromHeight }) =>
      decidedHeight >= fromHeight && decidedHeight - fromHeight < chain.byteLength / DIGEST_BYTES,
    { path: ['decidedHeight'], error: 'is no height of the chain' },
  );
export type WireStartingVote = z.infer<typeof startingVoteSchema>;

/** Even eras poll; they end by such statements. */
export const evenEraSchema = uintSchema.max(2 ** 20).refine((era) => era % 2 === 0, {
  error: 'is not even',
});

export const chainStallSchema = z.strictObject({
  collection: collectionSchema,
  epoch: uintSchema.min(1),
  era: evenEraSchema,
  /** Null: stuck, and still polling. */
  start: startingVoteSchema.nullable(),
});
export type ChainStall = z.infer<typeof chainStallSchema>;

export const chainStall = defineMessage<ChainStall>({
  type: 'chain-stall',
  form: 'statement',
  topic: 'consensus',
  sender: 'peer',
  bodyBytesMax: 2048,
  lifetimeMs: 0,
  schema: chainStallSchema,
});
