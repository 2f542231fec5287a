// One vote of the certificate engine, and what a quorum of equal votes is. A member never signs two
// notarize votes in one view, nor both a finalize and a nullify vote.

import { z } from 'zod';
import { bytesSchema } from '../../bytes.ts';
import { digestSchema } from '../../ids.ts';
import { uintSchema } from '../../numbers.ts';
import { defineMessage } from '../message-definition.ts';
import { ROSTER_MEMBERS_MAX } from '../roster.ts';
import { collectionSchema } from './names.ts';

export const CHAIN_VOTE_KINDS = ['notarize', 'nullify', 'finalize'] as const;
export type ChainVoteKind = (typeof CHAIN_VOTE_KINDS)[number];

export const chainVoteSchema = z
  .strictObject({
    /** What is voted for; null in a nullify vote, which is for no block. */
    block: digestSchema.nullable(),
    collection: collectionSchema,
    epoch: uintSchema.min(1),
    kind: z.enum(CHAIN_VOTE_KINDS),
    view: uintSchema.min(1),
  })
  .refine(({ block, kind }) => (block === null) === (kind === 'nullify'), {
    path: ['block'],
    error: 'is null in nullify votes, and only there',
  });
export type ChainVote = z.infer<typeof chainVoteSchema>;

export const chainVote = defineMessage<ChainVote>({
  type: 'chain-vote',
  form: 'statement',
  topic: 'consensus',
  sender: 'peer',
  bodyBytesMax: 512,
  lifetimeMs: 0,
  schema: chainVoteSchema,
});

/** The voted body once, and each voter's signature over its own statement of it. */
export const chainCertificateSchema = z.strictObject({
  /** In ascending order of `voter`, the place among the epoch's members in order of their ids. */
  proofs: z
    .array(
      z.strictObject({ signature: bytesSchema, voter: uintSchema.max(ROSTER_MEMBERS_MAX - 1) }),
    )
    .min(1)
    .max(ROSTER_MEMBERS_MAX)
    .refine((proofs) => proofs.every(({ voter }, i) => voter > (proofs[i - 1]?.voter ?? -1)), {
      error: 'are not in ascending order of their voters, once each',
    }),
  vote: chainVoteSchema,
});
export type ChainCertificate = z.infer<typeof chainCertificateSchema>;
