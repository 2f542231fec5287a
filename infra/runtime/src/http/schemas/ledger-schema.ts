// The token accounts.

import { z } from '@starling/shared';
import { count, listOf, units } from './list-schema.ts';

export const ledgerEntrySchema = z.strictObject({
  amount: units,
  from: z.string(),
  reason: z.string(),
  round: count,
  /** Event that caused it. */
  seq: count,
  to: z.string(),
});

export const balancesSchema = z.strictObject({
  balances: listOf(
    z.strictObject({
      account: z.string(),
      balance: units,
      /** Site of a member's account. */
      site: z.string().nullable(),
    }),
  ),
});

/** Newest first. */
export const historySchema = z.strictObject({ entries: listOf(ledgerEntrySchema) });

export const ledgerVerificationSchema = z.strictObject({
  events: count,
  /** What does not hold; empty when the books balance and every rewarded frame is signed. */
  problems: listOf(z.string()),
  signaturesVerified: count,
});
