// Who is connected, and who is no longer waited for.

import type { Digest, MemberId } from '@starling/shared';
import type { Links } from './schedule/deadlines.ts';
import type { Schedule } from './schedule/schedule.ts';

/** What the world looks like besides the log. */
export interface Presence {
  readonly nowMs: number;
  /** For each disconnected member: since when; connected ones are absent. */
  readonly awaySinceMs: ReadonlyMap<MemberId, number>;
  /** When the coordinator started; whoever is away since then has not come back yet. */
  readonly watchedSinceMs: number;
  /** By session: members that said that they take no part in it any more. */
  readonly declined: ReadonlyMap<Digest, ReadonlySet<MemberId>>;
  /** What the members' links carry; nothing is known when absent. */
  readonly links?: Links;
}

/** True while a member that was connected before the coordinator's restart may still come back. */
export function mayReturn(
  member: MemberId,
  { awaySinceMs, nowMs, watchedSinceMs }: Presence,
  { grace }: Pick<Schedule, 'grace'>,
): boolean {
  const since = awaySinceMs.get(member);
  if (since === undefined || since > watchedSinceMs) return false;
  return nowMs - watchedSinceMs < grace.returnMs;
}

/** True when a member has been away for so long, within this phase, that nobody waits for it. */
export function isGone(
  member: MemberId,
  phaseSinceMs: number,
  presence: Presence,
  schedule: Pick<Schedule, 'grace'>,
): boolean {
  const since = presence.awaySinceMs.get(member);
  if (since === undefined || mayReturn(member, presence, schedule)) return false;
  return presence.nowMs - Math.max(since, phaseSinceMs) >= schedule.grace.offlineMs;
}
