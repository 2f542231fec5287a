// A body of each message of the ledger, for the tests that every message passes.

import type { CborValue } from '../../canonical-cbor.ts';

type Body = { readonly [key: string]: CborValue };

export const LEDGER_SAMPLES: Readonly<Record<string, Body>> = {
  'ledger-rules': {
    previous: '8'.repeat(64),
    seq: 2,
    terms: {
      epochRounds: 10,
      escrow: 50,
      rewards: { acceptedUpdate: 10, vote: 1 },
      slashing: { session: 100, update: 100, vote: 200 },
      stakeMin: 100,
      transferFee: 1,
      unbondingEpochs: 2,
      usefulness: { fullGainMicros: 100_000, pool: 1_000 },
    },
  },
  'ledger-stake': {
    amount: 100,
    direction: 'stake',
    expiresAtMs: 1_800_000_000_000,
    sequence: 3,
  },
  'ledger-transfer': {
    amount: 25,
    expiresAtMs: 1_800_000_000_000,
    feeMax: 1,
    memo: 'for the pond',
    sequence: 4,
    to: 'b'.repeat(64),
  },
};
