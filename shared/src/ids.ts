// Branded identifiers: parsed once at the edge, trusted by their type afterwards.

import { z } from 'zod';

declare const brand: unique symbol;

/** A `T` that only a parser of brand `B` hands out. */
export type Branded<T, B extends string> = T & { readonly [brand]: B };

/** SHA3-256, 64 lower-case hexadecimal digits. */
export type Digest = Branded<string, 'Digest'>;
/** Digest of a member's ML-DSA public key under the domain `starling/member/v1`. */
export type MemberId = Branded<string, 'MemberId'>;
/** Digest of the federation's genesis body. */
export type FederationId = Branded<string, 'FederationId'>;
/** libp2p peer id in its base58 or base36 text form. */
export type TransportId = Branded<string, 'TransportId'>;

const hex32 = z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 lower-case hexadecimal digits');

const branded = <T>(schema: z.ZodType<string>) => schema as unknown as z.ZodType<T, string>;

export const digestSchema = branded<Digest>(hex32);
export const memberIdSchema = branded<MemberId>(hex32);
export const federationIdSchema = branded<FederationId>(hex32);
export const transportIdSchema = branded<TransportId>(
  z.string().regex(/^[0-9A-Za-z]{20,128}$/, 'expected a libp2p peer id'),
);

/** The federation field of a genesis statement, which cannot yet name its own digest. */
export const NO_FEDERATION = '0'.repeat(64) as FederationId;

/** The first eight digits, for people. */
export function shortId(id: string): string {
  return id.slice(0, 8);
}
