// What is paid, charged and slashed: a statement that as many administrators sign as a roster needs.
// Without one the rewards of the genesis are the rules.

import { z } from 'zod';
import { digestSchema } from '../../ids.ts';
import { MICROS, uintSchema } from '../../numbers.ts';
import { defineMessage } from '../message-definition.ts';

/** Largest rule set with its administrators' signatures. */
export const SIGNED_LEDGER_RULES_BYTES_MAX = 80 * 1024;
export const EPOCH_ROUNDS_MAX = 1_000_000;
export const UNBONDING_EPOCHS_MAX = 10_000;

/** Amounts in whole token units. */
export const ledgerTermsSchema = z.strictObject({
  /** Rounds of one epoch, failed ones counted. */
  epochRounds: uintSchema.min(1).max(EPOCH_ROUNDS_MAX),
  /** How much of a cohort member's stake is locked while its round is open. */
  escrow: uintSchema,
  rewards: z.strictObject({ acceptedUpdate: uintSchema, vote: uintSchema }),
  /** What a proven fault costs, never more than the stake: two statements that exclude each other. */
  slashing: z.strictObject({
    /** In one secure aggregation. */
    session: uintSchema,
    /** Two updates for one plan. */
    update: uintSchema,
    /** Two votes for one version. */
    vote: uintSchema,
  }),
  /** A stake is nothing or at least this; whoever has less has no share in the pools. */
  stakeMin: uintSchema,
  transferFee: uintSchema,
  /** Ends of epochs until what was unstaked is free; 0: at once. */
  unbondingEpochs: uintSchema.max(UNBONDING_EPOCHS_MAX),
  usefulness: z.strictObject({
    /** Rise of a member's recall@10 on its held-out queries for which its part is paid in full. */
    fullGainMicros: uintSchema.min(1).max(MICROS),
    /** Paid when the recall of every member rises by that much. */
    pool: uintSchema,
  }),
});
export type LedgerTerms = z.infer<typeof ledgerTermsSchema>;

export const ledgerRulesSchema = z.strictObject({
  /** Body digest of the rule set before this one; null for the first. */
  previous: digestSchema.nullable(),
  seq: uintSchema.min(1),
  terms: ledgerTermsSchema,
});
export type LedgerRules = z.infer<typeof ledgerRulesSchema>;

/** What each administrator signs; it counts, and travels, with the signatures of enough of them. */
export const ledgerRules = defineMessage<LedgerRules>({
  type: 'ledger-rules',
  form: 'statement',
  topic: 'direct',
  sender: 'administrator',
  bodyBytesMax: 2048,
  lifetimeMs: 0,
  schema: ledgerRulesSchema,
});
