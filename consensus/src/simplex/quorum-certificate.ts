// Checks of a certificate that need no cryptography; whose proofs hold is the caller's check.

import type { CertificateOutcome } from './effect.ts';
import { isWellFormed, type QuorumCertificate } from './vote.ts';
import type { VotingPower } from './voting-power.ts';

/** Why a certificate does not count, undefined when its voters make a quorum. */
export function certificateObjection<Proof>(
  { vote, proofs }: QuorumCertificate<Proof>,
  { weights, quorum }: VotingPower,
): CertificateOutcome | undefined {
  if (!isWellFormed(vote)) return 'malformed';
  let weight = 0;
  let previous = -1;
  for (const { voter } of proofs) {
    const own = weights[voter];
    if (own === undefined) return 'not-a-member';
    if (voter === previous) return 'duplicate-voter';
    if (voter < previous) return 'unsorted-voters';
    previous = voter;
    weight += own;
  }
  return weight < quorum ? 'too-few' : undefined;
}
