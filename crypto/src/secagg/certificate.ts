// The certificate over the survivors (PSA-1, R3): signatures of a quorum of them under one statement.

import {
  encodeCanonical,
  type MemberId,
  type MemberSignature,
  type Survivors,
  survivors as survivorsMessage,
} from '@starling/shared';
import { verifyStatement } from '../verify-statement.ts';
import { type Pace, SIGNATURES_PER_TURN, yieldingPace } from './pace.ts';
import { GLOBAL_CERTIFICATE_MAX, type Session, shareholdersOf } from './session.ts';

type KeyOf = (member: MemberId) => Uint8Array | undefined;

/**
 * True when these signers certify the survivors for a member: a quorum of all and enough of its own
 * shareholders, in large sessions the latter alone.
 */
export function isCertified(
  session: Session,
  member: MemberId,
  survivors: Survivors,
  signers: readonly MemberId[],
): boolean {
  const alive = new Set(survivors.members);
  const valid = new Set(signers.filter((signer) => alive.has(signer)));
  if (isGlobal(session) && valid.size < session.certificateMin) return false;
  const holders = shareholdersOf(session, member).filter((each) => valid.has(each));
  return holders.length >= session.announce.threshold;
}

/** Members whose signature over the survivors' statement holds; each counts once. */
export async function verifiedSigners(
  session: Session,
  survivors: Survivors,
  signatures: readonly MemberSignature[],
  keyOf: KeyOf,
  pace: Pace = yieldingPace,
): Promise<MemberId[]> {
  const signers: MemberId[] = [];
  for await (const signer of verifying(session, survivors, signatures, keyOf, pace)) {
    signers.push(signer);
  }
  return signers.sort();
}

/**
 * As `verifiedSigners`, with the member's own shareholders first, and no more signatures verified
 * than certify the survivors for it.
 */
export async function certifyingSigners(
  session: Session,
  member: MemberId,
  survivors: Survivors,
  signatures: readonly MemberSignature[],
  keyOf: KeyOf,
  pace: Pace = yieldingPace,
): Promise<MemberId[]> {
  const isHolder = new Set(shareholdersOf(session, member));
  const [near, far] = [true, false].map((isNear) =>
    signatures.filter((each) => isHolder.has(each.member) === isNear),
  );
  const ordered = [...(near ?? []), ...(far ?? [])];
  const least = isGlobal(session) ? session.certificateMin : session.announce.threshold;
  const signers: MemberId[] = [];
  for await (const signer of verifying(session, survivors, ordered, keyOf, pace)) {
    signers.push(signer);
    if (signers.length >= least && isCertified(session, member, survivors, signers)) break;
  }
  return signers.sort();
}

async function* verifying(
  { federation }: Session,
  survivors: Survivors,
  signatures: readonly MemberSignature[],
  keyOf: KeyOf,
  pace: Pace,
): AsyncGenerator<MemberId, void, void> {
  const bodyBytes = encodeCanonical(survivors);
  const awaited = new Set(survivors.members);
  for (const [i, { member, signature }] of signatures.entries()) {
    if (i % SIGNATURES_PER_TURN === SIGNATURES_PER_TURN - 1) await pace.pause();
    const publicKey = keyOf(member);
    if (!awaited.has(member) || publicKey === undefined) continue;
    const parts = { federation, sender: member, publicKey, bodyBytes, signature };
    if (verifyStatement(survivorsMessage, parts) && awaited.delete(member)) yield member;
  }
}

function isGlobal({ announce }: Session): boolean {
  return announce.participants.length <= GLOBAL_CERTIFICATE_MAX;
}
