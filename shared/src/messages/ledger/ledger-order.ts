// What an owner asks of its account: signed once, with a number of its own, good until it expires.

import { z } from 'zod';
import { memberIdSchema } from '../../ids.ts';
import { uintSchema } from '../../numbers.ts';
import { defineMessage } from '../message-definition.ts';

/** UTF-16 units of a transfer's memo. */
export const MEMO_MAX = 140;
/** How far ahead an order may expire: nobody is held to one that was forgotten. */
export const ORDER_LIFE_MAX_MS = 24 * 3600 * 1000;

/** Whole token units of one order. */
const amountSchema = uintSchema.min(1);

const orderFields = {
  amount: amountSchema,
  /** By the coordinator's clock; never recorded afterwards. */
  expiresAtMs: uintSchema,
  /** The owner's orders are numbered 1, 2, 3 …: each is carried out once, in this order. */
  sequence: uintSchema.min(1),
};

export const ledgerTransferSchema = z.strictObject({
  ...orderFields,
  /** The most that the owner pays for it, on top of the amount. */
  feeMax: uintSchema,
  /** For people; everyone who holds the log reads it. */
  memo: z.string().max(MEMO_MAX),
  to: memberIdSchema,
});
export type LedgerTransfer = z.infer<typeof ledgerTransferSchema>;

/** From the signer's free balance to another member's. */
export const ledgerTransfer = defineMessage<LedgerTransfer>({
  type: 'ledger-transfer',
  form: 'statement',
  topic: 'direct',
  sender: 'peer',
  bodyBytesMax: 1024,
  lifetimeMs: 0,
  schema: ledgerTransferSchema,
});

export const ledgerStakeSchema = z.strictObject({
  ...orderFields,
  direction: z.enum(['stake', 'unstake']),
});
export type LedgerStake = z.infer<typeof ledgerStakeSchema>;

/** From the signer's free balance to its stake, or back once it is unbonded. */
export const ledgerStake = defineMessage<LedgerStake>({
  type: 'ledger-stake',
  form: 'statement',
  topic: 'direct',
  sender: 'peer',
  bodyBytesMax: 512,
  lifetimeMs: 0,
  schema: ledgerStakeSchema,
});
