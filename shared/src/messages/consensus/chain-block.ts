// A leader's proposal. The digest of this body names the block; the leader's signature is around it
// and not in it, so a certified block needs no more than its body.

import { z } from 'zod';
import { digestSchema, memberIdSchema } from '../../ids.ts';
import { uintSchema } from '../../numbers.ts';
import { defineMessage } from '../message-definition.ts';
import { chainEntrySchema } from './chain-entry.ts';
import { collectionSchema } from './names.ts';

/** Largest body of a block. */
export const BLOCK_BYTES_MAX = 480 * 1024;
/** Entries of one block. */
export const ENTRIES_MAX = 64;

export const chainBlockSchema = z.strictObject({
  collection: collectionSchema,
  entries: z.array(chainEntrySchema).max(ENTRIES_MAX),
  epoch: uintSchema.min(1),
  /** One above its parent's; the chain-genesis stands at 0. */
  height: uintSchema.min(1),
  /** Who proposes it and signs it. */
  leader: memberIdSchema,
  /** Digest of the members that decide it. */
  membership: digestSchema,
  /** Digest of the parent's body; of the chain-genesis body at height 1. */
  parent: digestSchema,
  /** View of the parent; 0 when the parent is where the epoch began. */
  parentView: uintSchema,
  /** Root of the state behind this block. */
  stateRoot: digestSchema,
  view: uintSchema.min(1),
});
export type ChainBlock = z.infer<typeof chainBlockSchema>;

export const chainBlock = defineMessage<ChainBlock>({
  type: 'chain-block',
  form: 'statement',
  topic: 'consensus',
  sender: 'peer',
  bodyBytesMax: BLOCK_BYTES_MAX,
  lifetimeMs: 0,
  schema: chainBlockSchema,
});
