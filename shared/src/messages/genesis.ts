// The federation's first statement; its digest is the federation id.

import { z } from 'zod';
import { bytesSchema } from '../bytes.ts';
import { memberIdSchema } from '../ids.ts';
import { uintSchema } from '../numbers.ts';
import { defineMessage } from './message-definition.ts';
import { trainingTaskSchema } from './training-task.ts';

export const ADMINISTRATORS_MAX = 16;

/** Whole token units of the ledger's rules. */
export const rewardRulesSchema = z.strictObject({
  acceptedUpdate: uintSchema,
  supply: uintSchema,
  vote: uintSchema,
});

const keyHolderSchema = z.strictObject({ member: memberIdSchema, publicKey: bytesSchema });

export const genesisSchema = z
  .strictObject({
    /** Who signs rosters; in ascending order of their ids. */
    administrators: z.array(keyHolderSchema).min(1).max(ADMINISTRATORS_MAX),
    /** Who signs this, invitations, plans, sums and statuses. */
    coordinator: keyHolderSchema,
    createdAtMs: uintSchema,
    name: z.string().min(1).max(80),
    rewards: rewardRulesSchema,
    task: trainingTaskSchema,
    /** Signatures of different administrators that make a roster count. */
    threshold: uintSchema.min(1),
  })
  .refine(({ administrators, threshold }) => threshold <= administrators.length, {
    path: ['threshold'],
    error: 'is above the number of administrators',
  })
  .refine(({ administrators }) => isAscending(administrators.map(({ member }) => member)), {
    path: ['administrators'],
    error: 'are not in ascending order, once each',
  });

export type RewardRules = z.infer<typeof rewardRulesSchema>;
export type KeyHolder = z.infer<typeof keyHolderSchema>;
export type Genesis = z.infer<typeof genesisSchema>;

/** Signed by the coordinator; the federation field is `NO_FEDERATION`. */
export const genesis = defineMessage<Genesis>({
  type: 'genesis',
  form: 'statement',
  topic: 'direct',
  sender: 'coordinator',
  bodyBytesMax: 64 * 1024,
  lifetimeMs: 0,
  schema: genesisSchema,
});

function isAscending(ids: readonly string[]): boolean {
  return ids.every((id, i) => i === 0 || (ids[i - 1] ?? id) < id);
}
