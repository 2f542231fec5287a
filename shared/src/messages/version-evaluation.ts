// What a site measured of a version on the queries that it holds out; the queries stay where they are.

import { z } from 'zod';
import { digestSchema } from '../ids.ts';
import { MICROS, uintSchema } from '../numbers.ts';
import { defineMessage } from './message-definition.ts';

export const versionEvaluationSchema = z.strictObject({
  /** Content root of the version's model. */
  model: digestSchema,
  mrrMicros: uintSchema.max(MICROS),
  queries: uintSchema.min(1),
  recallAt10Micros: uintSchema.max(MICROS),
  version: uintSchema.min(1),
});

export type VersionEvaluation = z.infer<typeof versionEvaluationSchema>;

/** A statement: one per site and version. */
export const versionEvaluation = defineMessage<VersionEvaluation>({
  type: 'version-evaluation',
  form: 'statement',
  topic: 'site',
  sender: 'peer',
  bodyBytesMax: 1024,
  lifetimeMs: 0,
  schema: versionEvaluationSchema,
});
