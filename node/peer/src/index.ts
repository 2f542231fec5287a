// The public face of @starling/peer.

export type { AppScore } from './app-scores.ts';
export { ChainBeginning } from './chain/chain-beginning.ts';
export { ChainJournal } from './chain/chain-journal.ts';
export type { ChainPattern } from './chain/chain-patterns.ts';
export type { ChainSetting } from './chain/chain-settings.ts';
export type {
  ChainDecision,
  ChainStanding,
  DecidedEntry,
  EvidenceSummary,
  PollSummary,
  SiteChainStatus,
} from './chain/chain-status.ts';
export type { ChainOptions } from './chain/chain-upkeep.ts';
export type { Evidence } from './chain/evidence-book.ts';
export { SiteChain } from './chain/site-chain.ts';
export { checkVersionProof, type ProvedVersion } from './check-version-proof.ts';
export { Collection, DOCUMENTS_MAX, type Document } from './collection.ts';
export {
  type KeptTraining,
  KeptTrainings,
  TRAININGS_KEPT_MAX,
} from './commitments/kept-trainings.ts';
export type { TrainingRecord } from './commitments/training-record.ts';
export {
  type UpdateDifferences,
  type UpdateVerdict,
  type UpdateVerification,
  VERIFICATION_TOLERANCE,
  verifyUpdate,
} from './commitments/verify-update.ts';
export {
  ANSWER_LENGTH_MAX,
  dealPackages,
  distinctPairs,
  documentedDeclarations,
  isBoilerplateFile,
  markdownSections,
  PAIRS_PER_PACKAGE_MAX,
  type PackagePairs,
  type Pair,
  type SiteCorpus,
  splitOf,
} from './corpus/corpus.ts';
export {
  type AloneSettings,
  DEFAULT_ALONE_SETTINGS,
  DEFAULT_PEER_OPTIONS,
  type NextKeys,
  type PeerDependencies,
  type PeerOptions,
} from './dependencies.ts';
export type { Generation } from './index-generations.ts';
export { joinFederation } from './join-federation.ts';
export type { OrderView } from './ledger/site-ledger.ts';
export { SiteMembership } from './membership.ts';
export type { LearningOutcome, PatternCandidate } from './patterns/pattern-learner.ts';
export { DEFAULT_PATTERN_OPTIONS, type PatternOptions } from './patterns/pattern-options.ts';
export type { Veto } from './patterns/pattern-vetoes.ts';
export type { PatternsStatus } from './patterns/patterns-status.ts';
export { type PatternParts, SitePatterns } from './patterns/site-patterns.ts';
export type { FinalPattern } from './patterns/wire-pattern.ts';
export { Peer } from './peer.ts';
export { PeerError, type PeerErrorCode } from './peer-error.ts';
export type { IndexStatus, PeerStatus, TrainingStatus } from './peer-status.ts';
export { PrivacyBudget, type PrivacyCharge } from './privacy-budget.ts';
export { DEFAULT_PRIVACY_LIMIT, type PrivacyLimit, wouldExceed } from './privacy-limit.ts';
export type { PrivacyRoundSummary, PrivacySummary, UnitSummary } from './privacy-summary.ts';
export { measureRetrieval } from './retrieval.ts';
export type { AppTraining, AppWork, SiteApp } from './site-app.ts';
export { HITS_MAX, type SearchAnswer } from './site-search.ts';
export {
  type RoundPosition,
  SPENT_ROUNDS_MAX,
  type Spending,
  type SpentMark,
  SpentMarks,
} from './spent-marks.ts';
export { type VerifiedRound, verifyRound } from './verify-round.ts';
