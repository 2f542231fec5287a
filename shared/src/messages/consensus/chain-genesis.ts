// How a collection's chain begins: whose it is, under which rules. A site accepts one for ever.

import { z } from 'zod';
import { digestSchema, memberIdSchema } from '../../ids.ts';
import { uintSchema } from '../../numbers.ts';
import { defineMessage } from '../message-definition.ts';
import { chainRulesSchema } from './chain-rules.ts';
import { collectionSchema, oncePerMember } from './names.ts';

/** Largest voting weight of one member. */
export const VOTING_WEIGHT_MAX = 1_000_000;

export const chainGenesisSchema = z.strictObject({
  collection: collectionSchema,
  /** Body digest of the roster whose active peers are the members of epoch 1. */
  roster: digestSchema,
  rules: chainRulesSchema,
  /** Members that weigh something else than 1; empty: all weigh the same. */
  weights: oncePerMember(
    z.strictObject({
      member: memberIdSchema,
      weight: uintSchema.min(1).max(VOTING_WEIGHT_MAX),
    }),
  ),
});
export type ChainGenesis = z.infer<typeof chainGenesisSchema>;

export const chainGenesis = defineMessage<ChainGenesis>({
  type: 'chain-genesis',
  form: 'statement',
  topic: 'control',
  sender: 'coordinator',
  bodyBytesMax: 16 * 1024,
  lifetimeMs: 0,
  schema: chainGenesisSchema,
});
