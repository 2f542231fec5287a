// What a roster must satisfy by itself, and as the successor of the one before it. Sites,
// administrators and the log's readers all ask the same.

import { memberIdOf } from '@starling/crypto';
import type { Digest, Genesis, MemberId, Refusal, Roster, RosterMember } from '@starling/shared';
import { encodeCanonical, equalBytes, refusal } from '@starling/shared';

/** Why a roster is not well-formed in its federation; undefined when it is. */
export function rosterObjection(roster: Roster, genesis: Genesis): Refusal | undefined {
  const { epoch, members, previous, revoked, seq } = roster;
  const odd = (detail: string) => refusal('wrong-shape', `roster ${seq}: ${detail}`);
  if ((previous === null) !== (seq === 1)) return odd('only the first one follows none');
  if (epoch > seq) return odd(`epoch ${epoch} is above its number`);
  if (!isAscending(members) || !isAscending(revoked)) return odd('members are not in order');
  if (new Set(members.map(({ site }) => site)).size < members.length) {
    return odd('two members have the same site name');
  }
  const channels = [...members, ...revoked].map(({ transportId }) => transportId);
  if (new Set(channels).size < channels.length) return odd('two members have the same peer id');
  for (const { member, publicKey } of members) {
    if (memberIdOf(publicKey) !== member) return odd(`the key of ${member} is another one's`);
  }
  const gone = new Set(revoked.map(({ member }) => member));
  if (members.some(({ member }) => gone.has(member))) return odd('a revoked member is listed');
  if (revoked.some(({ fromSeq }) => fromSeq > seq)) return odd('a revocation of the future');
  const coordinators = members.filter(({ role }) => role === 'coordinator');
  const [own] = coordinators;
  if (coordinators.length !== 1 || own?.member !== genesis.coordinator.member) {
    return odd("the coordinator is not the genesis'");
  }
  return own.status === 'active' ? undefined : odd('the coordinator is not active');
}

/**
 * Why `next` does not follow `current`: chain, number, epoch, and nobody coming, going or changing
 * keys but by the ways there are.
 */
export function successorObjection(
  current: { readonly roster: Roster; readonly digest: Digest },
  next: Roster,
): Refusal | undefined {
  const { digest, roster } = current;
  if (next.seq <= roster.seq) {
    return refusal('replay', `roster ${next.seq}, in force is roster ${roster.seq}`);
  }
  if (next.seq > roster.seq + 1) {
    return refusal('not-yet-valid', `roster ${next.seq} skips the one after ${roster.seq}`);
  }
  if (next.previous !== digest) {
    return refusal('equivocation', `roster ${next.seq} follows another roster ${roster.seq}`);
  }
  const epoch = roster.epoch + (isSameMembership(roster, next) ? 0 : 1);
  if (next.epoch !== epoch) {
    return refusal('wrong-shape', `roster ${next.seq} has epoch ${next.epoch}, not ${epoch}`);
  }
  return revocationObjection(roster, next) ?? memberObjection(roster, next);
}

/** True when two rosters list the same members under the same keys, and the same revocations. */
export function isSameMembership(a: Roster, b: Roster): boolean {
  const content = ({ members, revoked }: Roster) => encodeCanonical({ members, revoked });
  return equalBytes(content(a), content(b));
}

/** The entry that took the place of `member`, or the member's own. */
export function entryOf(roster: Roster, member: MemberId): RosterMember | undefined {
  return (
    roster.members.find((entry) => entry.member === member) ??
    roster.members.find((entry) => entry.formerly === member)
  );
}

function revocationObjection(roster: Roster, next: Roster): Refusal | undefined {
  const odd = (detail: string) => refusal('wrong-shape', `roster ${next.seq}: ${detail}`);
  const listed = new Map(next.revoked.map((entry) => [entry.member, entry]));
  for (const entry of roster.revoked) {
    const same = listed.get(entry.member);
    if (same === undefined || !equalBytes(encodeCanonical(same), encodeCanonical(entry))) {
      return odd(`the revocation of ${entry.member} is gone or changed`);
    }
    listed.delete(entry.member);
  }
  for (const entry of listed.values()) {
    if (entry.fromSeq !== next.seq) return odd(`${entry.member} is revoked from another roster on`);
    const before = roster.members.find(({ member }) => member === entry.member);
    if (before?.site !== entry.site || before.transportId !== entry.transportId) {
      return odd(`${entry.member} is revoked, but was no such member`);
    }
  }
  return undefined;
}

function memberObjection(roster: Roster, next: Roster): Refusal | undefined {
  const odd = (detail: string) => refusal('wrong-shape', `roster ${next.seq}: ${detail}`);
  const revoked = new Set(next.revoked.map(({ member }) => member));
  const before = new Map(roster.members.map((entry) => [entry.member, entry]));
  for (const entry of roster.members) {
    const now = entryOf(next, entry.member);
    if (now === undefined) {
      if (revoked.has(entry.member)) continue;
      return odd(`${entry.member} vanished without a revocation`);
    }
    const isKept = now.member === entry.member;
    const sameKeys = isKept && now.binding === entry.binding;
    if (now.site !== entry.site || now.role !== entry.role || now.sinceMs !== entry.sinceMs) {
      return odd(`${entry.member} changed its site, role or time of admission`);
    }
    if (isKept && now.formerly !== entry.formerly) return odd(`${entry.member} changed its past`);
    if (sameKeys && now.transportId !== entry.transportId) {
      return odd(`${entry.member} changed its peer id without a binding`);
    }
    if (!sameKeys && now.bindingSeq <= entry.bindingSeq) {
      return odd(`the binding of ${entry.member} is no newer one`);
    }
  }
  const strange = next.members.find(({ formerly, member, site }) => {
    return !before.has(member) && formerly !== null && before.get(formerly)?.site !== site;
  });
  if (strange !== undefined) return odd(`${strange.member} takes the place of nobody`);
  return undefined;
}

function isAscending(entries: readonly { readonly member: MemberId }[]): boolean {
  return entries.every(({ member }, i) => i === 0 || (entries[i - 1]?.member ?? member) < member);
}
