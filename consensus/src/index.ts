// The public face of @starling/consensus.

export { certificateBytes } from './bounds/certificate-size.ts';
export { committeeFailure } from './bounds/committee.ts';
export { type FullPoll, fullPollFor, isFullPollSafe } from './bounds/full-polling.ts';
export { BOUND_TARGET, type PollParameters, parametersFor } from './bounds/parameters-for.ts';
export { type RateInterval, rateText, wilsonInterval } from './bounds/rate-interval.ts';
export {
  type SafetyBound,
  type SampledPoll,
  safetyBound,
  safetyBoundOver,
} from './bounds/safety-bound.ts';
export { binomialTail, hypergeometricTail } from './bounds/tails.ts';
export {
  buildCertificate,
  type CertificateRefusal,
  type CertificateRules,
  type CertificateVerdict,
  verifyCertificate,
} from './certificate.ts';
export { crashTolerance, faultTolerance, quorumSize } from './quorum.ts';
export {
  BACKOFF_FACTOR,
  BACKOFF_STEPS_MAX,
  INACTIVE_AFTER_VIEWS,
  SIMPLEX_TIMEOUTS,
  type SimplexConfig,
  type SimplexTimeouts,
} from './simplex/config.ts';
export type {
  BlockOutcome,
  CertificateOutcome,
  SimplexEffect,
  VoteOutcome as SimplexVoteOutcome,
  WantedCertificate,
} from './simplex/effect.ts';
export { LeaderSchedule } from './simplex/leader-schedule.ts';
export {
  BLOCKS_PER_VIEW_MAX,
  BLOCKS_UNDECIDED_MAX,
  VIEWS_AHEAD_MAX,
  VIEWS_BEHIND_MAX,
  VIEWS_UNDECIDED_MAX,
} from './simplex/limits.ts';
export { certificateObjection } from './simplex/quorum-certificate.ts';
export { SimplexReplica, type SimplexStatus } from './simplex/replica.ts';
export {
  type BlockHeader,
  blockOf,
  type CastVote,
  type QuorumCertificate,
  type SimplexVote,
  sameVote,
  type VoteKind,
  type VoterProof,
} from './simplex/vote.ts';
export { type VotingPower, votingPower } from './simplex/voting-power.ts';
export {
  type Equivocation,
  type Tally,
  type Vote,
  VoteBook,
  type VoteBookOptions,
  type VoteOutcome,
} from './vote-book.ts';
