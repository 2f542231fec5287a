// What a site commits to when it trains for a round: everything that a second run of the same
// training follows from, and what the first one gave. Only its salted digest leaves the site.

import { digestOf, domainDigest } from '@starling/crypto';
import {
  type CborValue,
  type Digest,
  digestSchema,
  encodeCanonical,
  memberIdSchema,
  ROSTER_MEMBERS_MAX,
  trainingSettingsSchema,
  uint32Schema,
  uintSchema,
  z,
} from '@starling/shared';
import { ENGINE_NAMES, type EngineDescription } from '@starling/training';
import type { SiteApp } from '../site-app.ts';

const DOMAIN = 'starling/training-commitment/v1';

/** Bytes of the salt: as many as the digest, so that a guessed record stays a guess. */
export const SALT_BYTES = 32;

const committedEngineSchema = z.strictObject({
  /** Digest of the training graph, or of an app's files; null for an engine without one. */
  graph: digestSchema.nullable(),
  name: z.enum([...ENGINE_NAMES, 'app']),
  threads: uintSchema.min(1),
  version: z.string().max(100),
});

export type CommittedEngine = z.infer<typeof committedEngineSchema>;

export const trainingRecordSchema = z.strictObject({
  /** Content root of the base model's parameters. */
  base: digestSchema,
  baseBytes: uintSchema.min(1),
  baseVersion: uintSchema,
  clipped: z.boolean(),
  clippingNormMicros: uintSchema.min(1),
  cohort: z.array(memberIdSchema).min(1).max(ROSTER_MEMBERS_MAX),
  /** Names the documents of the training split as it was, queries included. */
  data: digestSchema,
  /** Digest of the clipped difference to the base, little-endian float32. */
  delta: digestSchema,
  elements: uintSchema.min(1),
  engine: committedEngineSchema,
  examples: uintSchema.min(1),
  lossFirstMicros: uintSchema,
  lossLastMicros: uintSchema,
  member: memberIdSchema,
  /** Body digest of the plan that was answered. */
  plan: digestSchema,
  round: uintSchema.min(1),
  seed: uint32Schema,
  training: trainingSettingsSchema,
});
export type TrainingRecord = z.infer<typeof trainingRecordSchema>;

/** The digest that the site's signed message carries. */
export function commitTo(record: TrainingRecord, salt: Uint8Array): Digest {
  return domainDigest(DOMAIN, salt, encodeCanonical(record as CborValue));
}

export function committedEngine({ graph, ...rest }: EngineDescription): CommittedEngine {
  return { ...rest, graph: graph === null ? null : digestOf(graph) };
}

/** An app's training; what its code does besides, such as its own engine, is the app's affair. */
export function appEngine({ digest }: Pick<SiteApp, 'digest'>): CommittedEngine {
  return { graph: digest, name: 'app', threads: 1, version: `V8 ${process.versions.v8}` };
}

/**
 * True when a second run of the same training on the second engine gives the same bits as the first:
 * always but for native code, whose sums depend on the processor, and for what an app may run.
 */
export function isBitExact(first: CommittedEngine, second: CommittedEngine): boolean {
  return (
    first.name !== 'native' &&
    first.name !== 'app' &&
    first.name === second.name &&
    first.version === second.version &&
    first.graph === second.graph
  );
}
