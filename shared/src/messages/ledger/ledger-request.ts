// The request protocol of the ledger between a member and the coordinator: orders and their outcome,
// and the asker's own account. The channel proves both ends.

import { z } from 'zod';
import { bytesSchema } from '../../bytes.ts';
import { digestSchema } from '../../ids.ts';
import { uintSchema } from '../../numbers.ts';

/** Request protocol of the ledger. */
export const LEDGER_PROTOCOL = 'ledger';
export const LEDGER_REQUEST_BYTES_MAX = 64 * 1024;
export const LEDGER_ANSWER_BYTES_MAX = 4 * 1024;

/** Why an order is not carried out. */
export const LEDGER_REFUSALS = [
  'malformed',
  /** No signature of the owner's key over these bytes. */
  'unsigned',
  /** Signed by a key that is not the one of the member that sends it. */
  'foreign-key',
  /** Its number was used by another order. */
  'replayed',
  /** Orders before it are missing. */
  'out-of-order',
  'overdrawn',
  'expired',
  /** Expires later than an order may. */
  'expires-late',
  'unknown-recipient',
  'fee-too-low',
  'below-minimum',
  /** Too many amounts of this member are being unbonded. */
  'too-many',
] as const;
export type LedgerRefusal = (typeof LEDGER_REFUSALS)[number];

export const ledgerRequestSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('account') }),
  /** A signed order of the asker; repeated until it is answered. */
  z.strictObject({ frame: bytesSchema, kind: z.literal('order') }),
]);

/** Whole token units; what the coordinator says, for the log alone proves it. */
export const ledgerAccountSchema = z.strictObject({
  epoch: uintSchema,
  escrow: uintSchema,
  free: uintSchema,
  outcome: z.literal('account'),
  /** Body digest of the signed rule set; null while the genesis' rewards are the rules. */
  rules: digestSchema.nullable(),
  /** Number of the owner's newest order on record; 0 when there is none. */
  sequence: uintSchema,
  stake: uintSchema,
  transferFee: uintSchema,
  unbonding: uintSchema,
});
export type LedgerAccount = z.infer<typeof ledgerAccountSchema>;

export const ledgerAnswerSchema = z.discriminatedUnion('outcome', [
  ledgerAccountSchema,
  /** The number of the event that carried the order out. */
  z.strictObject({ event: uintSchema.min(1), outcome: z.literal('recorded') }),
  z.strictObject({
    detail: z.string().max(400),
    outcome: z.literal('refused'),
    reason: z.enum(LEDGER_REFUSALS),
  }),
]);
export type LedgerAnswer = z.infer<typeof ledgerAnswerSchema>;
