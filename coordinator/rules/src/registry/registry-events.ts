// Events of the model registry: pins, the early end of a run, rollbacks, what sites measured.

import { bytesSchema, digestSchema, memberIdSchema, uintSchema, z } from '@starling/shared';

/** Why a version is held to be the best: by which measure, and which way is better. */
export const pinSchema = z.strictObject({
  direction: z.enum(['higher', 'lower']),
  metric: z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'is no name in lower case with hyphens'),
  version: uintSchema.min(1),
});

export const registryEvents = {
  'version-pinned': pinSchema,
  'version-unpinned': z.strictObject({ version: uintSchema.min(1) }),
  /** The run's rule ended it before its last round. */
  'run-stopped': z.strictObject({ reason: z.string().max(500), version: uintSchema }),
  /** The next round restores this version instead of training. */
  'rollback-planned': z.strictObject({ model: digestSchema, version: uintSchema.min(1) }),
  'version-measured': z.strictObject({ evaluation: bytesSchema, member: memberIdSchema }),
} as const;
