// A site says that it is here, where to reach it, how much data it trains on and whether it is
// ready. Re-published until the coordinator's status lists it.

import { z } from 'zod';
import { digestSchema } from '../ids.ts';
import { uintSchema } from '../numbers.ts';
import { ADDRESSES_MAX, addressSchema } from './invitation.ts';
import { defineMessage } from './message-definition.ts';

/** Example counts are rounded up to this, so that a registration does not count documents. */
export const EXAMPLES_ROUNDED_TO = 10;

export const registrationSchema = z.strictObject({
  addresses: z.array(addressSchema).max(ADDRESSES_MAX),
  examplesRounded: uintSchema,
  /** Newest final version the site holds. */
  model: digestSchema,
  /** Corpus indexed and baselines done: the site may be selected. */
  ready: z.boolean(),
  version: uintSchema,
});

export type Registration = z.infer<typeof registrationSchema>;

export const registration = defineMessage<Registration>({
  type: 'registration',
  form: 'envelope',
  topic: 'site',
  sender: 'peer',
  bodyBytesMax: 4096,
  lifetimeMs: 30_000,
  schema: registrationSchema,
});
