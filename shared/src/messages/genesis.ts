// The federation's first statement; its digest is the federation id.

import { z } from 'zod';
import { bytesSchema } from '../bytes.ts';
import { memberIdSchema } from '../ids.ts';
import { uintSchema } from '../numbers.ts';
import { defineMessage } from './message-definition.ts';
import { trainingTaskSchema } from './training-task.ts';

/** Whole token units of the ledger's rules. */
export const rewardRulesSchema = z.strictObject({
  acceptedUpdate: uintSchema,
  supply: uintSchema,
  vote: uintSchema,
});

export const genesisSchema = z.strictObject({
  administrator: z.strictObject({ member: memberIdSchema, publicKey: bytesSchema }),
  createdAtMs: uintSchema,
  name: z.string().min(1).max(80),
  rewards: rewardRulesSchema,
  task: trainingTaskSchema,
});

export type RewardRules = z.infer<typeof rewardRulesSchema>;
export type Genesis = z.infer<typeof genesisSchema>;

/** Signed by the administrator; the federation field is `NO_FEDERATION`. */
export const genesis = defineMessage<Genesis>({
  type: 'genesis',
  form: 'statement',
  topic: 'direct',
  sender: 'coordinator',
  bodyBytesMax: 16_384,
  lifetimeMs: 0,
  schema: genesisSchema,
});
