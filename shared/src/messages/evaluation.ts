// A site's measured retrieval quality on its own held-out queries; the queries stay where they are.

import { z } from 'zod';
import { uintSchema } from '../numbers.ts';
import { defineMessage } from './message-definition.ts';

export const EVALUATION_STAGES = ['before', 'alone', 'federated'] as const;
export type EvaluationStage = (typeof EVALUATION_STAGES)[number];

export const evaluationSchema = z.strictObject({
  /** Local epochs behind the parameters that were measured. */
  epochs: uintSchema,
  mrrMicros: uintSchema.max(1_000_000),
  queries: uintSchema.min(1),
  recallAt10Micros: uintSchema.max(1_000_000),
  stage: z.enum(EVALUATION_STAGES),
  /** Model version that was measured; 0 for `before` and `alone`. */
  version: uintSchema,
});

export type Evaluation = z.infer<typeof evaluationSchema>;

/** A statement: one per site and stage. */
export const evaluation = defineMessage<Evaluation>({
  type: 'evaluation',
  form: 'statement',
  topic: 'site',
  sender: 'peer',
  bodyBytesMax: 2048,
  lifetimeMs: 0,
  schema: evaluationSchema,
});
