// The coordinator's claim: these updates, summed by the rule, give this model. Voters recompute it.

import { z } from 'zod';
import { digestSchema } from '../ids.ts';
import { uintSchema } from '../numbers.ts';
import { defineMessage } from './message-definition.ts';
import { payloadRefSchema } from './payload-ref.ts';
import { ROSTER_MEMBERS_MAX } from './roster.ts';
import { missingMemberSchema } from './round-status.ts';

export const aggregateSchema = z.strictObject({
  base: digestSchema,
  missing: z.array(missingMemberSchema).max(ROSTER_MEMBERS_MAX),
  model: payloadRefSchema,
  plan: digestSchema,
  round: uintSchema.min(1),
  /** Canonical CBOR array of the summed `model-update` frames, ordered by member id. */
  updates: payloadRefSchema,
  version: uintSchema.min(1),
});

export type Aggregate = z.infer<typeof aggregateSchema>;

export const aggregate = defineMessage<Aggregate>({
  type: 'aggregate',
  form: 'statement',
  topic: 'control',
  sender: 'coordinator',
  bodyBytesMax: 32_768,
  lifetimeMs: 0,
  schema: aggregateSchema,
});
