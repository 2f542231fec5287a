// The signed frame around every application message. The exact signed bytes travel; they are
// verified first, then decoded strictly.

import { z } from 'zod';
import { bytesSchema } from '../bytes.ts';
import type { Branded, FederationId, MemberId } from '../ids.ts';
import { federationIdSchema, memberIdSchema } from '../ids.ts';
import { uintSchema } from '../numbers.ts';
import { WIRE_VERSION } from './message-definition.ts';

/** Room for the header and an ML-DSA-65 signature around the largest body. */
export const ENVELOPE_OVERHEAD_BYTES = 8192;

/** Wire form: the signed bytes and the ML-DSA-65 signature over them. */
export const frameSchema = z.strictObject({
  signature: bytesSchema,
  signed: bytesSchema,
});

/** What is signed. `seq` and `expiresAtMs` stand in envelopes and not in statements. */
export const headerSchema = z.strictObject({
  body: bytesSchema,
  expiresAtMs: uintSchema.optional(),
  federation: federationIdSchema,
  sender: memberIdSchema,
  seq: uintSchema.optional(),
  type: z.string().regex(/^[a-z][a-z-]{1,30}$/),
  v: z.literal(WIRE_VERSION),
});

export type Header = z.infer<typeof headerSchema>;

/** A message whose signature, domain, federation and shape were checked. */
export interface Opened<T> {
  readonly type: string;
  readonly federation: FederationId;
  readonly sender: MemberId;
  readonly seq: number | undefined;
  readonly expiresAtMs: number | undefined;
  readonly body: T;
  /** The exact body bytes; their digest names the message. */
  readonly bodyBytes: Uint8Array;
  readonly signature: Uint8Array;
}

/** Only `openMessage` in the crypto room makes one. */
export type Verified<T> = Branded<Opened<T>, 'Verified'>;
