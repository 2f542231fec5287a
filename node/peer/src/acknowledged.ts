// What the coordinator has heard of a site, by its status: the only acknowledgement there is.

import type { MemberId, RoundStatus } from '@starling/shared';

/** It lists the site, as ready as the site is. */
export function isRegistrationKnown(
  status: RoundStatus | undefined,
  member: MemberId,
  isReady: boolean,
): boolean {
  if (!status?.registered.includes(member)) return false;
  return status.ready.includes(member) === isReady;
}

/** The vote for this version is neither counted nor late. */
export function isVoteMissing(
  status: RoundStatus | undefined,
  member: MemberId,
  version: number,
): boolean {
  if (status === undefined) return true;
  return status.version < version && !status.voted.includes(member);
}
