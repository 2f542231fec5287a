// What the log holds of the ledger beside the rounds: frames as they came, signatures included.

import { bytesSchema, memberIdSchema, uintSchema, z } from '@starling/shared';

const judged = {
  /** The coordinator's time when it found the order good, a little before it wrote the event. */
  judgedAtMs: uintSchema,
  member: memberIdSchema,
};

export const LEDGER_EVENTS = {
  /** Carried out as it was recorded. */
  'transfer-received': z.strictObject({ ...judged, transfer: bytesSchema }),
  'stake-received': z.strictObject({ ...judged, stake: bytesSchema }),
  /** Signed by as many administrators as a roster; in force from here on. */
  'ledger-rules-changed': z.strictObject({ rules: bytesSchema }),
  /** Two votes or two updates of a member that exclude each other. */
  'member-equivocated': z.strictObject({
    first: bytesSchema,
    member: memberIdSchema,
    second: bytesSchema,
  }),
} as const;
