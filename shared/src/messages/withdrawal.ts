// A site gives no update for a plan and never will: why, so that the others go on at once and the
// round's result can say it.

import { z } from 'zod';
import { digestSchema } from '../ids.ts';
import { uintSchema } from '../numbers.ts';
import { defineMessage } from './message-definition.ts';

/** What a training fails of. Codes only: the words of an error may quote what a site holds. */
export const WITHDRAWAL_REASONS = [
  'empty-dataset',
  'engine-failed',
  'failed',
  'invalid-options',
  'non-finite-loss',
  'non-finite-parameter',
  'privacy-budget',
  'shape-mismatch',
  'worker-died',
] as const;
export type WithdrawalReason = (typeof WITHDRAWAL_REASONS)[number];

export const withdrawalSchema = z.strictObject({
  /** Body digest of the plan that is not answered. */
  plan: digestSchema,
  reason: z.enum(WITHDRAWAL_REASONS),
  round: uintSchema.min(1),
  /** Training step at which it ended; null where there is none. */
  step: uintSchema.nullable(),
});
export type Withdrawal = z.infer<typeof withdrawalSchema>;

/** A statement: a site that withdrew from a plan does not come back to it. */
export const withdrawal = defineMessage<Withdrawal>({
  type: 'withdrawal',
  form: 'statement',
  topic: 'site',
  sender: 'peer',
  bodyBytesMax: 1024,
  lifetimeMs: 0,
  schema: withdrawalSchema,
});

/** For people: `non-finite loss at step 12`. */
export function withdrawalText({ reason, step }: Pick<Withdrawal, 'reason' | 'step'>): string {
  const words = reason.replaceAll('-', ' ').replace('non finite', 'non-finite');
  return step === null ? words : `${words} at step ${step}`;
}
