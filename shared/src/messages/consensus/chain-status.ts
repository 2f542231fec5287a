// Where a member stands: said twice a second while something is undecided, slowly when idle, so that
// nobody waits for a vote or a certificate that was lost.

import { z } from 'zod';
import { digestSchema } from '../../ids.ts';
import { uintSchema } from '../../numbers.ts';
import { defineMessage } from '../message-definition.ts';
import { CHAIN_VOTE_KINDS } from './chain-vote.ts';
import { collectionSchema } from './names.ts';

export const chainStatusSchema = z.strictObject({
  /** The newest certificate that it can show; null before the first of its epoch. */
  best: z
    .strictObject({
      block: digestSchema.nullable(),
      kind: z.enum(CHAIN_VOTE_KINDS),
      view: uintSchema.min(1),
    })
    .nullable(),
  collection: collectionSchema,
  /** The last decided block; the chain-genesis at height 0. */
  decided: digestSchema,
  epoch: uintSchema.min(1),
  /** Height of the last decided block. */
  height: uintSchema,
  /** The view it is in. */
  view: uintSchema.min(1),
});
export type ChainStatus = z.infer<typeof chainStatusSchema>;

export const chainStatus = defineMessage<ChainStatus>({
  type: 'chain-status',
  form: 'envelope',
  topic: 'consensus',
  sender: 'peer',
  bodyBytesMax: 1024,
  lifetimeMs: 10_000,
  schema: chainStatusSchema,
});
