// What proves a version to everyone: the votes of a quorum under one sum.

import { buildCertificate, VoteBook } from '@starling/consensus';
import type { RoundState } from '@starling/rules';
import type { ModelCertificate } from '@starling/shared';
import { CoordinatorError } from './coordinator-error.ts';

/** A round's certificate. @throws {CoordinatorError} `no-quorum` */
export function certificateOf(round: RoundState): ModelCertificate {
  const book = new VoteBook({ voters: round.plan.voters });
  for (const { sender, bodyBytes, bodyDigest, signature } of round.votes.values()) {
    book.record({ member: sender, choice: bodyDigest, body: bodyBytes, signature });
  }
  const certificate = buildCertificate(book);
  if (certificate === undefined) {
    throw new CoordinatorError('no-quorum', `round ${round.plan.round} has no quorum of votes`);
  }
  return certificate;
}
