// Who is connected, and who is no longer waited for.

import type { Digest, MemberId } from '@starling/shared';
import type { RoundOptions } from './next-step.ts';

/** What the world looks like besides the log. */
export interface Presence {
  readonly nowMs: number;
  /** For each disconnected member: since when; connected ones are absent. */
  readonly awaySinceMs: ReadonlyMap<MemberId, number>;
  /** When the coordinator started; whoever is away since then has not come back yet. */
  readonly watchedSinceMs: number;
  /** By session: members that said that they take no part in it any more. */
  readonly declined: ReadonlyMap<Digest, ReadonlySet<MemberId>>;
}

/** True while a member that was connected before the coordinator's restart may still come back. */
export function mayReturn(
  member: MemberId,
  { awaySinceMs, nowMs, watchedSinceMs }: Presence,
  { returnWithinMs }: Pick<RoundOptions, 'returnWithinMs'>,
): boolean {
  const since = awaySinceMs.get(member);
  if (since === undefined || since > watchedSinceMs) return false;
  return nowMs - watchedSinceMs < returnWithinMs;
}

/** True when a member has been away for so long, within this phase, that nobody waits for it. */
export function isGone(
  member: MemberId,
  phaseSinceMs: number,
  presence: Presence,
  options: Pick<RoundOptions, 'offlineGraceMs' | 'returnWithinMs'>,
): boolean {
  const since = presence.awaySinceMs.get(member);
  if (since === undefined || mayReturn(member, presence, options)) return false;
  return presence.nowMs - Math.max(since, phaseSinceMs) >= options.offlineGraceMs;
}
