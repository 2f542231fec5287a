// A certificate is one body and the signatures of a quorum over it: whoever knows the voters checks
// it without trusting the one who carries it.

import type { MemberId, ModelCertificate } from '@starling/shared';
import { quorumSize } from './quorum.ts';
import type { VoteBook } from './vote-book.ts';

export type CertificateRefusal =
  | 'not-a-voter'
  | 'duplicate-signer'
  | 'unsorted-signers'
  | 'too-few'
  | 'bad-signature';

export type CertificateVerdict =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: CertificateRefusal; readonly detail: string };

export interface CertificateRules {
  readonly voters: readonly MemberId[];
  /** Votes that decide; `quorumSize(voters.length)` when absent. */
  readonly quorum?: number;
  /** True when the member signed its statement of this body. */
  readonly verify: (member: MemberId, body: Uint8Array, signature: Uint8Array) => boolean;
}

/**
 * The certificate of what a book decided: every counted vote for it, sorted by member; undefined
 * while nothing is decided. The same votes give the same certificate in any order of arrival.
 */
export function buildCertificate(book: VoteBook): ModelCertificate | undefined {
  const choice = book.decision();
  if (choice === undefined) return undefined;
  const votes = book.votesFor(choice);
  const [first] = votes;
  if (first === undefined) return undefined;
  const signatures = votes.map(({ member, signature }) => ({ member, signature }));
  return { body: first.body, signatures };
}

/**
 * Checks a certificate: signers strictly ascending, all of them voters, a quorum, then each
 * signature. What the body says is the caller's to check.
 */
export function verifyCertificate(
  { body, signatures }: ModelCertificate,
  { voters, quorum = quorumSize(voters.length), verify }: CertificateRules,
): CertificateVerdict {
  const members = new Set(voters);
  let previous = '';
  for (const { member } of signatures) {
    if (!members.has(member)) return refused('not-a-voter', `${member} is no voter`);
    if (member === previous) return refused('duplicate-signer', `${member} stands twice`);
    if (member < previous) return refused('unsorted-signers', `${member} after ${previous}`);
    previous = member;
  }
  if (signatures.length < quorum) {
    return refused('too-few', `${signatures.length} signatures, a quorum is ${quorum}`);
  }
  const bad = signatures.find(({ member, signature }) => !verify(member, body, signature));
  if (bad !== undefined) return refused('bad-signature', `the signature of ${bad.member}`);
  return { ok: true };
}

function refused(reason: CertificateRefusal, detail: string): CertificateVerdict {
  return { ok: false, reason, detail };
}
