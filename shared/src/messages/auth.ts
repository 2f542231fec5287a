// The live challenge of a connection: the channel proves the peer id, this proves the ML-DSA key
// behind it. Either side challenges the other with a nonce; the answer is signed for that nonce, and
// for both peer ids, so that it serves on no other connection and in no other direction.

import { z } from 'zod';
import { bytesSchema } from '../bytes.ts';
import { digestSchema, transportIdSchema } from '../ids.ts';
import { defineMessage } from './message-definition.ts';

/** Request protocol of proofs, the one thing that an unproved connection is good for. */
export const AUTH_PROTOCOL = 'auth';
export const AUTH_NONCE_BYTES = 32;
/** Largest challenge, in bytes. */
export const AUTH_CHALLENGE_BYTES_MAX = 64;

const nonceSchema = bytesSchema.refine((nonce) => nonce.byteLength === AUTH_NONCE_BYTES, {
  error: `expected ${AUTH_NONCE_BYTES} bytes`,
});

/** What a challenger asks with, unsigned: canonical CBOR of this. */
export const authChallengeSchema = z.strictObject({ nonce: nonceSchema });

export const authSchema = z.strictObject({
  /** The challenger's nonce. */
  challenge: nonceSchema,
  /** The prover's own, so that nobody chooses all of what it signs. */
  nonce: nonceSchema,
  prover: transportIdSchema,
  /** In which role of the roster the prover speaks. */
  role: z.enum(['coordinator', 'peer']),
  /** Digest of the roster that the prover knows; the challenger may know another. */
  roster: digestSchema,
  verifier: transportIdSchema,
});

export type Auth = z.infer<typeof authSchema>;

/** A statement: what makes it fresh is the challenge, not a clock. */
export const auth = defineMessage<Auth>({
  type: 'auth',
  form: 'statement',
  topic: 'direct',
  sender: 'member',
  bodyBytesMax: 1024,
  lifetimeMs: 0,
  schema: authSchema,
});
