// Catch-up: a site that missed a version asks for its proof, then pulls the model by its root.

import { z } from 'zod';
import { bytesSchema } from '../bytes.ts';
import { uintSchema } from '../numbers.ts';
import { defineMessage } from './message-definition.ts';
import { modelCertificateSchema } from './model-vote.ts';
import { payloadRefSchema } from './payload-ref.ts';

/** Request protocol of catching up. */
export const VERSION_PROTOCOL = 'version';

export const versionRequestSchema = z.strictObject({ version: uintSchema.min(1) });
export type VersionRequest = z.infer<typeof versionRequestSchema>;

export const versionRequest = defineMessage<VersionRequest>({
  type: 'version-request',
  form: 'envelope',
  topic: 'direct',
  sender: 'peer',
  bodyBytesMax: 256,
  lifetimeMs: 30_000,
  schema: versionRequestSchema,
});

export const finalVersionSchema = z.strictObject({
  /** The aggregate frame that the votes repeat: from what the model was made. */
  aggregate: bytesSchema,
  certificate: modelCertificateSchema,
  model: payloadRefSchema,
  outcome: z.literal('final'),
  /** The round-plan frame, whose voters the certificate counts. */
  plan: bytesSchema,
  /** The roster frame that the plan names. */
  roster: bytesSchema,
});

export const versionResponseSchema = z.discriminatedUnion('outcome', [
  finalVersionSchema,
  z.strictObject({ outcome: z.literal('unknown') }),
]);
export type VersionResponse = z.infer<typeof versionResponseSchema>;
/** Everything that proves a version, and from what its model is computed again. */
export type FinalVersion = Extract<VersionResponse, { outcome: 'final' }>;

export const versionResponse = defineMessage<VersionResponse>({
  type: 'version-response',
  form: 'envelope',
  topic: 'direct',
  sender: 'coordinator',
  bodyBytesMax: 1024 * 1024,
  lifetimeMs: 30_000,
  schema: versionResponseSchema,
});
