// A pattern that one site learned: around this centroid, these search parameters find this much at
// this cost. The digest of the proposal's body names the pattern for ever.

import { z } from 'zod';
import { bytesSchema } from '../../bytes.ts';
import { memberIdSchema } from '../../ids.ts';
import { MICROS, uint32Schema, uintSchema } from '../../numbers.ts';
import { defineMessage } from '../message-definition.ts';
import { PATTERN_DIMENSION_MAX, SQUARED_DISTANCE_MAX } from './chain-rules.ts';
import { ascendingDigests, collectionSchema } from './names.ts';

/** Patterns and models that one pattern names as its sources. */
export const PARENTS_MAX = 16;
/** Patterns that one pattern takes the place of. */
export const SUPERSEDES_MAX = 16;
/** Widest beam, and most neighbours, that a pattern may ask of an index. */
export const PATTERN_EF_MAX = 65_536;

const centroidSchema = bytesSchema
  .refine(({ byteLength }) => byteLength >= 1 && byteLength <= PATTERN_DIMENSION_MAX, {
    error: `has no or more than ${PATTERN_DIMENSION_MAX} components`,
  })
  .refine((bytes) => !bytes.includes(0x80), { error: 'has a component of -128' });

export const patternSchema = z.strictObject({
  /** [dimension] signed bytes, each -127 to 127. */
  centroid: centroidSchema,
  collection: collectionSchema,
  /** Median distance computations of one query under these parameters. */
  cost: uintSchema.min(1),
  efSearch: uint32Schema.min(1).max(PATTERN_EF_MAX),
  /** One-sided 95% lower bound of recall@k, as the proposer measured it. */
  expectedRecallMicros: uintSchema.max(MICROS),
  k: uint32Schema.min(1).max(PATTERN_EF_MAX),
  /** Queries behind it. */
  queries: uintSchema.min(1),
  /** Queries within this squared integer distance of the centroid are meant. */
  radius: uintSchema.min(1).max(SQUARED_DISTANCE_MAX),
});
export type Pattern = z.infer<typeof patternSchema>;

export const patternProposalSchema = z.strictObject({
  /** Who signs this, so that the same pattern of two sites has two names. */
  author: memberIdSchema,
  /** Decided height that the author knew; the proposal expires some heights later. */
  height: uintSchema,
  /** Patterns and models that it was derived from: provenance, nothing is decided by it. */
  parents: ascendingDigests(PARENTS_MAX),
  pattern: patternSchema,
  /** Final patterns whose place it takes, all of them or none. */
  supersedes: ascendingDigests(SUPERSEDES_MAX),
});
export type PatternProposal = z.infer<typeof patternProposalSchema>;

export const patternProposal = defineMessage<PatternProposal>({
  type: 'pattern-proposal',
  form: 'statement',
  topic: 'consensus',
  sender: 'peer',
  bodyBytesMax: 8192,
  lifetimeMs: 0,
  schema: patternProposalSchema,
});
