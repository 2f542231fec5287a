// Data of the server-sent events, by their name.

import { z } from '@starling/shared';
import { patternSchema } from './chain-schema.ts';
import { historySchema } from './ledger-schema.ts';
import { memberSchema } from './member-schema.ts';
import { roundSchema } from './round-schema.ts';
import { statusHeadSchema } from './status-schema.ts';
import { versionSchema } from './version-schema.ts';

export const eventsSchema = z.strictObject({
  /** The stream is over, and why; the reader connects again. */
  end: z.strictObject({ reason: z.string() }),
  ledger: historySchema,
  member: memberSchema,
  pattern: patternSchema,
  /** Too much has happened since the number that was named: ask for everything anew. */
  reset: z.strictObject({ reason: z.string() }),
  round: roundSchema,
  status: statusHeadSchema,
  version: versionSchema,
});

export type EventName = keyof typeof eventsSchema.shape;
export type EventData = z.input<typeof eventsSchema>;
