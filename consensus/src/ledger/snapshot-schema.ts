// The shape of a state snapshot, with a bound on everything. Records travel as the bytes that were
// digested, so the root is checked before any of them is read.

import {
  bytesSchema,
  collectionSchema,
  digestSchema,
  MICROS,
  memberIdSchema,
  PARENTS_MAX,
  patternSchema,
  ROSTER_MEMBERS_MAX,
  SETTING_VALUE_MAX,
  SUPERSEDES_MAX,
  uintSchema,
  z,
} from '@starling/shared';
import { MODELS_KEPT, PATTERNS_MAX, RETIRED_MAX, SETTINGS_MAX } from './chain-state.ts';

const votes = uintSchema.max(ROSTER_MEMBERS_MAX);

export const patternRecordSchema = z.strictObject({
  author: memberIdSchema,
  boundMicros: uintSchema.max(MICROS),
  height: uintSchema,
  id: digestSchema,
  parents: z.array(digestSchema).max(PARENTS_MAX),
  pattern: patternSchema,
  proposedAt: uintSchema,
  supersededBy: digestSchema.nullable(),
  supersedes: z.array(digestSchema).max(SUPERSEDES_MAX),
  verdicts: z.strictObject({ abstains: votes, accepts: votes, rejects: votes }),
});

export const modelRecordSchema = z.strictObject({
  base: digestSchema,
  baseVersion: uintSchema,
  digest: digestSchema,
  height: uintSchema,
  model: z.string().max(63),
  plan: digestSchema,
  round: uintSchema,
  version: uintSchema,
});

export const settingRecordSchema = z.strictObject({
  height: uintSchema,
  name: z.string().max(63),
  number: uintSchema,
  proposal: digestSchema,
  value: z.string().max(SETTING_VALUE_MAX),
});

/** Largest record: a pattern of the largest dimension with all its parents. */
export const STATE_RECORD_BYTES_MAX = 8192;

const record = bytesSchema.refine(({ byteLength }) => byteLength <= STATE_RECORD_BYTES_MAX, {
  error: `has more than ${STATE_RECORD_BYTES_MAX} bytes`,
});

export const snapshotSchema = z.strictObject({
  books: z.strictObject({ forgotten: uintSchema, included: uintSchema, superseded: uintSchema }),
  collection: collectionSchema,
  epoch: uintSchema.min(1),
  genesis: digestSchema,
  height: uintSchema,
  membership: digestSchema,
  modelFloor: uintSchema,
  models: z.array(record).max(MODELS_KEPT),
  next: digestSchema.nullable(),
  patterns: z.array(record).max(PATTERNS_MAX + RETIRED_MAX),
  previous: digestSchema.nullable(),
  settings: z.array(record).max(SETTINGS_MAX),
});
