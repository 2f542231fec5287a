// Names of sites, as people write them.

import { z } from 'zod';

/** Names of ledger accounts that belong to nobody; no site may look like one. */
const RESERVED_NAMES: readonly string[] = ['issuance', 'treasury'];

export const siteNameSchema = z
  .string()
  .regex(/^[a-zA-Z0-9][a-zA-Z0-9._-]{0,62}$/)
  .refine((name) => !RESERVED_NAMES.includes(name), { error: 'is a reserved name' });
