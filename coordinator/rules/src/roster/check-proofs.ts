// Every key that a roster brings in is proved by a record that its holder signed. Administrators
// ask before they sign, and whoever replays the log asks again.

import { type OpenedRecord, openBinding, openRotation } from '@starling/crypto';
import type { Binding, Digest, Refusal, Roster, RosterMember, Rotation } from '@starling/shared';
import { refusal } from '@starling/shared';
import type { RosterTrust } from './open-roster.ts';

/** Records that one roster may bring: a binding for each change, and a rotation for some. */
export const PROOFS_MAX = 64;

/**
 * Why the records do not prove what `next` changes against `current`; undefined when they do. With
 * `nowMs` the bindings must also be in force. `current` is undefined for the first roster.
 */
export function proofObjection(
  current: Roster | undefined,
  next: Roster,
  proofs: readonly Uint8Array[],
  { federation, nowMs }: Pick<RosterTrust, 'federation'> & { readonly nowMs?: number },
): Refusal | undefined {
  const known = new Map(current?.members.map((entry) => [entry.member, entry]));
  const bindings = new Map<Digest, Binding>();
  const rotations: OpenedRecord<Rotation>[] = [];
  for (const proof of proofs) {
    const time = nowMs === undefined ? {} : { nowMs };
    const bound = openBinding(proof, { federation, ...time });
    if (bound.ok) {
      bindings.set(bound.value.bodyDigest, bound.value.body);
      continue;
    }
    const rotated = openRotation(proof, {
      federation,
      keyOf: (sender) => known.get(sender)?.publicKey,
    });
    // A record of the other kind is told by its type, and its fault by how it opens as its own.
    if (!rotated.ok) {
      return bound.refusal.reason === 'wrong-type' ? rotated.refusal : bound.refusal;
    }
    rotations.push(rotated.value);
  }
  for (const entry of next.members) {
    const before = known.get(entry.member) ?? (entry.formerly && known.get(entry.formerly));
    if (before?.binding === entry.binding) continue;
    const objection =
      bindingObjection(entry, before ?? undefined, bindings.get(entry.binding)) ??
      rotationObjection(entry, before ?? undefined, rotations);
    if (objection !== undefined) return refusal('not-permitted', `${entry.site}: ${objection}`);
  }
  return undefined;
}

function bindingObjection(
  entry: RosterMember,
  before: RosterMember | undefined,
  bound: Binding | undefined,
): string | undefined {
  if (bound === undefined) return 'its binding record is missing';
  const isSame =
    bound.member === entry.member &&
    bound.site === entry.site &&
    bound.transportId === entry.transportId &&
    bound.seq === entry.bindingSeq &&
    bound.notAfterMs === entry.bindingUntilMs;
  if (!isSame) return 'its binding record says something else';
  if (bound.previous !== (before?.binding ?? null) || bound.seq !== (before?.bindingSeq ?? 0) + 1) {
    return 'its binding record does not follow the one before';
  }
  return undefined;
}

function rotationObjection(
  entry: RosterMember,
  before: RosterMember | undefined,
  rotations: readonly OpenedRecord<Rotation>[],
): string | undefined {
  if (before === undefined || before.member === entry.member) return undefined;
  const isProved = rotations.some(
    ({ body, sender }) =>
      sender === before.member && body.member === entry.member && body.binding === entry.binding,
  );
  return isProved ? undefined : 'the old key did not sign that this one takes its place';
}
