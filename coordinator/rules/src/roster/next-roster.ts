// The roster after this one, as a pure function of one change.

import type { Binding, Digest, MemberId, Roster, RosterMember } from '@starling/shared';
import { isSameMembership } from './check-roster.ts';

export interface BoundKeys {
  readonly body: Binding;
  readonly bodyDigest: Digest;
}

export type RosterChange =
  | { readonly kind: 'renew' }
  | { readonly kind: 'admit'; readonly bound: BoundKeys }
  /** Takes the place of `member`: with the same key and another channel or time, or a new key. */
  | { readonly kind: 'rebind'; readonly member: MemberId; readonly bound: BoundKeys }
  | { readonly kind: 'revoke'; readonly member: MemberId; readonly reason: string };

export interface RosterTerms {
  readonly nowMs: number;
  readonly lifeMs: number;
}

/**
 * The successor of `current` after a change to `draft`, which is `current` itself or an unfinished
 * successor of it. A member of `current` that binds new keys again takes back what it bound in the
 * draft. Members whose binding has ended lapse. A revoked draft member that `current`
 * does not know is dropped without a trace: it never was a member.
 */
export function nextRoster(
  current: { readonly roster: Roster; readonly digest: Digest },
  draft: Roster,
  change: RosterChange,
  { lifeMs, nowMs }: RosterTerms,
): Roster {
  const { digest, roster } = current;
  const seq = roster.seq + 1;
  const changed = applied(draft, change, seq, nowMs, roster);
  const members = changed.members
    .map((entry) => (isLapsing(entry, nowMs) ? { ...entry, status: 'lapsed' as const } : entry))
    .sort(byMember);
  const next: Roster = {
    epoch: roster.epoch,
    members,
    notAfterMs: nowMs + lifeMs,
    previous: roster.seq === 0 ? null : digest,
    revoked: [...changed.revoked].sort(byMember),
    seq,
  };
  return isSameMembership(roster, next) ? next : { ...next, epoch: roster.epoch + 1 };
}

/** A roster's entry for keys that were bound. */
export function entryFor(
  { body, bodyDigest }: BoundKeys,
  fixed: Pick<RosterMember, 'formerly' | 'role' | 'sinceMs'>,
): RosterMember {
  return {
    ...fixed,
    binding: bodyDigest,
    bindingSeq: body.seq,
    bindingUntilMs: body.notAfterMs,
    member: body.member,
    publicKey: body.publicKey,
    site: body.site,
    status: 'active',
    transportId: body.transportId,
  };
}

type Lists = Pick<Roster, 'members' | 'revoked'>;

function applied(
  draft: Roster,
  change: RosterChange,
  seq: number,
  nowMs: number,
  current: Roster,
): Lists {
  const { members, revoked } = draft;
  switch (change.kind) {
    case 'renew':
      return { members, revoked };
    case 'admit': {
      const fixed = { formerly: null, role: 'peer', sinceMs: nowMs } as const;
      return { members: [...members, entryFor(change.bound, fixed)], revoked };
    }
    case 'rebind': {
      const { bound, member } = change;
      const known = current.members.find((entry) => entry.member === member);
      if (known === undefined) return { members, revoked };
      const formerly = bound.body.member === member ? known.formerly : member;
      const isOld = (entry: RosterMember) => entry.member === member || entry.formerly === member;
      const entry = entryFor(bound, { ...known, formerly });
      return { members: [...members.filter((it) => !isOld(it)), entry], revoked };
    }
    case 'revoke':
      return withoutMember(draft, change, seq, current);
  }
}

function withoutMember(
  { members, revoked }: Roster,
  { member, reason }: RosterChange & { kind: 'revoke' },
  seq: number,
  current: Roster,
): Lists {
  // A draft may have new keys for it: what is revoked is what it is known by.
  const gone = members.find((entry) => entry.member === member || entry.formerly === member);
  const known = current.members.find((entry) => entry.member === member);
  const left = members.filter((entry) => entry !== gone);
  if (known === undefined) return { members: left, revoked };
  const { site, transportId } = known;
  const entry = { fromSeq: seq, member: known.member, reason, site, transportId };
  return { members: left, revoked: [...revoked, entry] };
}

function isLapsing({ bindingUntilMs, role, status }: RosterMember, nowMs: number): boolean {
  return role === 'peer' && status === 'active' && bindingUntilMs <= nowMs;
}

function byMember(a: { readonly member: string }, b: { readonly member: string }): number {
  return a.member < b.member ? -1 : 1;
}
