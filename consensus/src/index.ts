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
  type Equivocation,
  type Tally,
  type Vote,
  VoteBook,
  type VoteBookOptions,
  type VoteOutcome,
} from './vote-book.ts';
