// The request protocol between members: polls, and everything that one of them missed. The channel
// authenticates both ends, so nothing here is signed but the statements that answers carry.

import { z } from 'zod';
import { bytesSchema } from '../../bytes.ts';
import { digestSchema, memberIdSchema } from '../../ids.ts';
import { uintSchema } from '../../numbers.ts';
import { openedEraSchema } from './chain-opening.ts';
import { evenEraSchema } from './chain-stall.ts';
import { CHAIN_VOTE_KINDS, chainCertificateSchema } from './chain-vote.ts';
import { ascendingDigests, collectionSchema } from './names.ts';

/** Request protocol of a collection's chain. */
export const CHAIN_PROTOCOL = 'chain';
/** Largest request: a poll of the most choices. */
export const CHAIN_REQUEST_BYTES_MAX = 64 * 1024;
/** Largest answer; whoever answers sends fewer blocks rather than more bytes. */
export const CHAIN_ANSWER_BYTES_MAX = 4 * 1024 * 1024;
/** Blocks of one answer. */
export const ANSWER_BLOCKS_MAX = 64;
/** Epochs whose ends are in one answer. */
export const ANSWER_EPOCHS_MAX = 4;
/** Questions of one poll query: groups of candidates in conflict. */
export const POLL_GROUPS_MAX = 16;
/** Candidates of one question. */
export const POLL_CHOICES_MAX = 32;
/** Bytes of a state snapshot in one answer. */
export const SNAPSHOT_PART_BYTES = 1024 * 1024;
/** Longest state snapshot. */
export const SNAPSHOT_BYTES_MAX = 64 * 1024 * 1024;

const choicesSchema = ascendingDigests(POLL_CHOICES_MAX);
const ofCollection = { collection: collectionSchema };

export const chainRequestSchema = z.discriminatedUnion('kind', [
  /** The chain-genesis frame. */
  z.strictObject({ ...ofCollection, kind: z.literal('genesis') }),
  /** Decided blocks from this height on. */
  z.strictObject({ ...ofCollection, fromHeight: uintSchema.min(1), kind: z.literal('blocks') }),
  /** One block, decided or not. */
  z.strictObject({ ...ofCollection, id: digestSchema, kind: z.literal('block') }),
  /** A certificate of a view; of its kind `vote`. */
  z.strictObject({
    ...ofCollection,
    epoch: uintSchema.min(1),
    kind: z.literal('certificate'),
    view: uintSchema.min(1),
    vote: z.enum(CHAIN_VOTE_KINDS),
  }),
  /** The newest vote that you ever saw of this member, and the newest starting vote. */
  z.strictObject({ ...ofCollection, kind: z.literal('highest-vote'), member: memberIdSchema }),
  /** Which of each group's candidates do you prefer? */
  z.strictObject({
    ...ofCollection,
    groups: z.array(choicesSchema.min(1)).min(1).max(POLL_GROUPS_MAX),
    kind: z.literal('poll'),
  }),
  /** The engine snow: what do you prefer, and what at this height, in this era of polls? */
  z.strictObject({
    ...ofCollection,
    epoch: uintSchema.min(1),
    era: evenEraSchema,
    height: uintSchema.min(1),
    kind: z.literal('preference'),
  }),
  /** One opening of an odd era, certified or not. */
  z.strictObject({ ...ofCollection, id: digestSchema, kind: z.literal('opening') }),
  /** How the newest odd era of this epoch opened. */
  z.strictObject({ ...ofCollection, epoch: uintSchema.min(1), kind: z.literal('opened') }),
  /** How these epochs ended, from this one on. */
  z.strictObject({ ...ofCollection, fromEpoch: uintSchema.min(1), kind: z.literal('membership') }),
  /** The newest checkpoint. */
  z.strictObject({ ...ofCollection, kind: z.literal('checkpoint') }),
  /** A part of the state snapshot behind the checkpoint of this height. */
  z.strictObject({
    ...ofCollection,
    height: uintSchema.min(1),
    kind: z.literal('snapshot'),
    offset: uintSchema.max(SNAPSHOT_BYTES_MAX),
  }),
  /** The contradictions that you keep. */
  z.strictObject({ ...ofCollection, kind: z.literal('evidence') }),
]);
export type ChainRequest = z.infer<typeof chainRequestSchema>;

/** Bodies of consecutive blocks, oldest first, and the certificate that finalises the last. */
export const finalRunSchema = z.strictObject({
  blocks: z.array(bytesSchema).min(1).max(ANSWER_BLOCKS_MAX),
  certificate: chainCertificateSchema,
});
export type FinalRun = z.infer<typeof finalRunSchema>;

/** A member's answer to one question of a poll. */
export const chitSchema = z.strictObject({
  /** Which of the candidates it knows as eligible. */
  known: choicesSchema,
  /** One of them; null without an opinion. */
  preference: digestSchema.nullable(),
});
export type Chit = z.infer<typeof chitSchema>;

/** A member's answer about its whole chain: the poll of the engine snow. */
export const blockChitSchema = z.strictObject({
  lastAccepted: digestSchema,
  /** The tip of its preferred branch. */
  preference: digestSchema,
  /** Its preferred block at the height that was asked for. */
  preferenceAtHeight: digestSchema,
});
export type BlockChit = z.infer<typeof blockChitSchema>;

export const chainAnswerSchema = z.discriminatedUnion('outcome', [
  z.strictObject({ outcome: z.literal('unknown') }),
  z.strictObject({ outcome: z.literal('refused'), reason: z.string().max(400) }),
  z.strictObject({ frame: bytesSchema, outcome: z.literal('genesis') }),
  z.strictObject({
    /** Height of the last block that the answerer knows as decided. */
    height: uintSchema,
    outcome: z.literal('blocks'),
    runs: z.array(finalRunSchema).max(ANSWER_BLOCKS_MAX),
  }),
  /** The leader's frame where it is at hand, for its signature; the body does otherwise. */
  z.strictObject({
    body: bytesSchema,
    frame: bytesSchema.nullable(),
    outcome: z.literal('block'),
  }),
  z.strictObject({ certificate: chainCertificateSchema, outcome: z.literal('certificate') }),
  /** The vote's frame, and that of the newest starting vote; null: none was ever seen. */
  z.strictObject({
    frame: bytesSchema.nullable(),
    outcome: z.literal('highest-vote'),
    start: bytesSchema.nullable(),
  }),
  z.strictObject({
    /** In the order of the query's groups. */
    chits: z.array(chitSchema).min(1).max(POLL_GROUPS_MAX),
    /** Height of the answerer's last decided block. */
    height: uintSchema,
    outcome: z.literal('poll'),
  }),
  /** Null: no polls here in that era. */
  z.strictObject({ chit: blockChitSchema.nullable(), outcome: z.literal('preference') }),
  z.strictObject({
    body: bytesSchema,
    frame: bytesSchema.nullable(),
    outcome: z.literal('opening'),
  }),
  z.strictObject({ opened: openedEraSchema, outcome: z.literal('opened') }),
  /** Each run begins with the block that ended its epoch. */
  z.strictObject({
    outcome: z.literal('membership'),
    runs: z.array(finalRunSchema).max(ANSWER_EPOCHS_MAX),
  }),
  /** The run begins with the block of the checkpoint's height. */
  z.strictObject({
    height: uintSchema.min(1),
    outcome: z.literal('checkpoint'),
    run: finalRunSchema,
    snapshotBytes: uintSchema.min(1).max(SNAPSHOT_BYTES_MAX),
  }),
  z.strictObject({
    bytes: bytesSchema.refine(({ byteLength }) => byteLength <= SNAPSHOT_PART_BYTES, {
      error: `has more than ${SNAPSHOT_PART_BYTES} bytes`,
    }),
    outcome: z.literal('snapshot'),
  }),
  z.strictObject({
    outcome: z.literal('evidence'),
    pairs: z
      .array(z.strictObject({ first: bytesSchema, second: bytesSchema }))
      .max(ANSWER_BLOCKS_MAX),
  }),
]);
export type ChainAnswer = z.infer<typeof chainAnswerSchema>;
