// The shape of a state snapshot, with a bound on everything.

import {
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

const patternRecordSchema = z.strictObject({
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

const modelRecordSchema = z.strictObject({
  base: digestSchema,
  baseVersion: uintSchema,
  digest: digestSchema,
  height: uintSchema,
  model: z.string().max(63),
  plan: digestSchema,
  round: uintSchema,
  version: uintSchema,
});

const settingRecordSchema = z.strictObject({
  height: uintSchema,
  name: z.string().max(63),
  number: uintSchema,
  proposal: digestSchema,
  value: z.string().max(SETTING_VALUE_MAX),
});

export const snapshotSchema = z.strictObject({
  books: z.strictObject({ forgotten: uintSchema, included: uintSchema, superseded: uintSchema }),
  collection: collectionSchema,
  epoch: uintSchema.min(1),
  genesis: digestSchema,
  height: uintSchema,
  membership: digestSchema,
  modelFloor: uintSchema,
  models: z.array(modelRecordSchema).max(MODELS_KEPT),
  next: digestSchema.nullable(),
  patterns: z.array(patternRecordSchema).max(PATTERNS_MAX + RETIRED_MAX),
  previous: digestSchema.nullable(),
  settings: z.array(settingRecordSchema).max(SETTINGS_MAX),
});

export type Snapshot = z.infer<typeof snapshotSchema>;
