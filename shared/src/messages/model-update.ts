// The signed digest of one site's update. The vector itself is pulled by its root.

import { z } from 'zod';
import { digestSchema } from '../ids.ts';
import { uintSchema } from '../numbers.ts';
import { defineMessage } from './message-definition.ts';
import { payloadRefSchema } from './payload-ref.ts';

/** Largest aggregation weight one site may claim. */
export const EXAMPLES_MAX = 1 << 30;

export const modelUpdateSchema = z.strictObject({
  base: digestSchema,
  /** True when the local change was scaled down to the plan's norm. */
  clipped: z.boolean(),
  /** Salted digest of how the update was trained: what the site can be held to later, see R2. */
  commitment: digestSchema,
  elements: uintSchema.min(1),
  examples: uintSchema.min(1).max(EXAMPLES_MAX),
  lossFirstMicros: uintSchema,
  lossLastMicros: uintSchema,
  /** Flat float32 difference to the base, little-endian. */
  payload: payloadRefSchema,
  /** Body digest of the plan this answers. */
  plan: digestSchema,
  round: uintSchema.min(1),
});

export type ModelUpdate = z.infer<typeof modelUpdateSchema>;

/** A statement: one per site and plan; a second, different one is equivocation. */
export const modelUpdate = defineMessage<ModelUpdate>({
  type: 'model-update',
  form: 'statement',
  topic: 'site',
  sender: 'peer',
  bodyBytesMax: 4096,
  lifetimeMs: 0,
  schema: modelUpdateSchema,
});
