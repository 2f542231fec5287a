// Who speaks through which channel, and which key follows which: two statements that two keys sign.

import { z } from 'zod';
import { bytesSchema } from '../bytes.ts';
import { digestSchema, memberIdSchema, transportIdSchema } from '../ids.ts';
import { uintSchema } from '../numbers.ts';
import { defineMessage } from './message-definition.ts';
import { siteNameSchema } from './site-name.ts';

/** The one signature suite of the wire. */
export const SIGNATURE_SUITE = 'ml-dsa-65';
/** How long a site binds its keys at a time; it binds them anew by itself at half of it. */
export const BINDING_LIFE_MS = 400 * 24 * 3600 * 1000;
/** Largest record of either kind, with both signatures. */
export const COSIGNED_BYTES_MAX = 16_384;

/** A statement's frame and the second signature, over the same signed bytes. */
export const cosignedSchema = z.strictObject({ cosignature: bytesSchema, frame: bytesSchema });

export const bindingSchema = z.strictObject({
  /** Ed25519 public key of the channel, 32 bytes; `transportId` is its peer id. */
  channelKey: bytesSchema,
  member: memberIdSchema,
  notAfterMs: uintSchema,
  notBeforeMs: uintSchema,
  /** Body digest of the binding before this one; null for the first. */
  previous: digestSchema.nullable(),
  publicKey: bytesSchema,
  seq: uintSchema.min(1),
  site: siteNameSchema,
  suite: z.literal(SIGNATURE_SUITE),
  transportId: transportIdSchema,
});

export type Binding = z.infer<typeof bindingSchema>;

/** Signed by the member and, over the same bytes, by the channel key. */
export const binding = defineMessage<Binding>({
  type: 'id-bind',
  form: 'statement',
  topic: 'direct',
  sender: 'applicant',
  bodyBytesMax: 4096,
  lifetimeMs: 0,
  schema: bindingSchema,
});

export const rotationSchema = z.strictObject({
  /** Body digest of the new member's binding, which continues the old one's. */
  binding: digestSchema,
  /** Id of the new key. */
  member: memberIdSchema,
  publicKey: bytesSchema,
  suite: z.literal(SIGNATURE_SUITE),
});

export type Rotation = z.infer<typeof rotationSchema>;

/** Signed by the old key and, over the same bytes, by the new one. */
export const rotation = defineMessage<Rotation>({
  type: 'id-rotate',
  form: 'statement',
  topic: 'direct',
  sender: 'peer',
  bodyBytesMax: 4096,
  lifetimeMs: 0,
  schema: rotationSchema,
});
