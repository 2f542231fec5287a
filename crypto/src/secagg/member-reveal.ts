// R4 of PSA-1 at a member: the only step that lets a secret go, and at most one kind for each member.

import { encodeCanonical, type MemberId } from '@starling/shared';
import { sealOnce } from '../aead.ts';
import { xWingEncapsulate } from '../kem/x-wing.ts';
import { isCertified } from './certificate.ts';
import { packetData, packetKey } from './derive.ts';
import { aborted, erased, framesOf } from './member-abort.ts';
import type { MemberState, MemberStep } from './member-state.ts';

/** R4: one kind of share for each member, the kind following from the certified survivors. */
export function onCertificate(state: MemberState, signers: readonly MemberId[]): MemberStep {
  const { survivors, session, member } = state;
  const isDue = state.phase === 'signed' && state.accepted.has('unmasking');
  if (!isDue || survivors === undefined) return { state, effects: [] };
  if (!isCertified(session, member, survivors, signers)) {
    const detail = `${signers.length} signatures do not certify the survivors`;
    return aborted(state, 'too-few', detail, framesOf(state, 'signing', 'unmasking'));
  }
  const alive = new Set(survivors.members);
  const shares = [...state.opened]
    .map(([dealer, { shares: held }]) => ({ member: dealer, held }))
    .concat([{ member, held: ownShare(state) }])
    .sort((a, b) => (a.member < b.member ? -1 : 1))
    .map(({ member: dealer, held }) => ({
      member: dealer,
      share: alive.has(dealer) ? held.self : held.seed,
    }));
  const { coordinatorKey } = session.announce;
  const channel = xWingEncapsulate(coordinatorKey);
  if (channel === undefined)
    return aborted(state, 'split-view', 'the coordinator key is malformed');
  const key = packetKey(channel.sharedSecret, session.id, member, member, 'unmask');
  const data = packetData(session.id, 'unmask', member, coordinatorKey);
  const box = sealOnce(key, encodeCanonical({ shares }), data);
  const body = { box, ciphertext: channel.ciphertext, session: session.id };
  return {
    state: { ...erased(state), phase: 'revealed' },
    effects: [{ kind: 'say-unmask', body }],
  };
}

function ownShare(state: MemberState) {
  const own = state.dealt.get(state.member);
  if (own === undefined) throw new TypeError('a member holds a share of its own secrets');
  return own;
}
