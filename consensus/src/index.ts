// The public face of @starling/consensus.

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
