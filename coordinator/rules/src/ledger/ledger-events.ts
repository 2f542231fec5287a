// What the log holds of the ledger beside the rounds: frames as they came, signatures included.

import { bytesSchema, memberIdSchema, z } from '@starling/shared';

export const LEDGER_EVENTS = {
  /** Carried out as it was recorded. */
  'transfer-received': z.strictObject({ member: memberIdSchema, transfer: bytesSchema }),
  'stake-received': z.strictObject({ member: memberIdSchema, stake: bytesSchema }),
  /** Signed by as many administrators as a roster; in force from here on. */
  'ledger-rules-changed': z.strictObject({ rules: bytesSchema }),
  /** Two votes or two updates of a member that exclude each other. */
  'member-equivocated': z.strictObject({
    first: bytesSchema,
    member: memberIdSchema,
    second: bytesSchema,
  }),
} as const;
