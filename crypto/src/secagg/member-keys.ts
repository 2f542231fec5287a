// R0 of PSA-1: a member's secrets of one session, fresh and in memory only.

import type { KeyAdvertisement, MemberId } from '@starling/shared';
import { createXWingKey, X_WING_SEED_BYTES, type XWingKey } from '../kem/x-wing.ts';
import type { RandomSource } from '../random-source.ts';
import { maskKeySeed, secretCommitment } from './derive.ts';
import type { Session } from './session.ts';

/** Bytes of a member's seed and self secret. */
export const SECRET_BYTES = 32;

export interface MemberKeys {
  /** S: gives the pair masks; opened only for a member that dropped out. */
  readonly seed: Uint8Array;
  /** b: gives the self mask; opened only for a survivor. */
  readonly self: Uint8Array;
  /** Opens the packets for this member; its secret is never shared. */
  readonly channelKey: XWingKey;
  /** Opens the wrapped pair values; follows from `seed`. */
  readonly maskKey: XWingKey;
}

export function createMemberKeys(
  session: Session,
  member: MemberId,
  random: RandomSource,
): MemberKeys {
  const seed = random(SECRET_BYTES);
  return {
    seed,
    self: random(SECRET_BYTES),
    channelKey: createXWingKey(random(X_WING_SEED_BYTES)),
    maskKey: createXWingKey(maskKeySeed(seed, session.id, member)),
  };
}

/** What the member says of its keys. */
export function advertisementOf(
  session: Session,
  member: MemberId,
  keys: MemberKeys,
): KeyAdvertisement {
  return {
    channelKey: keys.channelKey.publicKey,
    maskKey: keys.maskKey.publicKey,
    seedCommitment: secretCommitment('seed', session.id, member, keys.seed),
    selfCommitment: secretCommitment('self', session.id, member, keys.self),
    session: session.id,
  };
}

/** Overwrites the secrets that JavaScript lets us reach; key objects go with the collector. */
export function eraseMemberKeys(keys: MemberKeys): void {
  keys.seed.fill(0);
  keys.self.fill(0);
}
