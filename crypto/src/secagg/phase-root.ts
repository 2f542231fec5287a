// What a phase announcement binds: the members that are in, and what each of them had said.

import type { Digest, MemberId, SessionPhaseName, Survivors } from '@starling/shared';
import { encodeCanonical } from '@starling/shared';
import { digestOf, domainDigest } from '../digest.ts';

/** A member's verified statement of a session. */
export interface Said<T> {
  readonly member: MemberId;
  readonly body: T;
  /** Digest of the body bytes. */
  readonly digest: Digest;
  /** The signed frame: evidence, and what others verify again. */
  readonly frame: Uint8Array;
}

/** Members in ascending order with the digest of what each said in the phase before. */
export function phaseRoot(
  session: Digest,
  phase: Exclude<SessionPhaseName, 'unmasking'>,
  said: readonly { readonly member: MemberId; readonly digest: Digest }[],
): Digest {
  const parts = said.flatMap(({ member, digest }) => [member, digest]);
  const bytes = [session, ...parts].map((id) => Buffer.from(id, 'hex'));
  return domainDigest(`starling/psa1/phase/${phase}`, ...bytes);
}

/** Root of the phase `unmasking`: the survivors' statement that its members signed. */
export function survivorsDigest(survivors: Survivors): Digest {
  return digestOf(encodeCanonical(survivors));
}
