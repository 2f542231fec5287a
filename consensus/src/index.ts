// The public face of @starling/consensus.

export { carriedParametersFor, carriedSupport, carryOverBound } from './bounds/carry-over.ts';
export { certificateBytes } from './bounds/certificate-size.ts';
export { committeeFailure } from './bounds/committee.ts';
export { type FullPoll, fullPollFor, isFullPollSafe } from './bounds/full-polling.ts';
export {
  BOUND_TARGET,
  expectedRun,
  LIVE_ROUNDS_MAX,
  type PollParameters,
  parametersFor,
} from './bounds/parameters-for.ts';
export { type RateInterval, rateText, wilsonInterval } from './bounds/rate-interval.ts';
export {
  confidentPoll,
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
export type { Finality, FrostyEffect } from './frosty/effect.ts';
export { comparePeriods, ERA_VIEWS, type Period, periodOf, viewBefore } from './frosty/era.ts';
export {
  CERTIFICATE_BLOCKS_MAX,
  type FrostyConfig,
  type FrostyJournal,
  type FrostyObjection,
  frostyObjection,
} from './frosty/frosty-config.ts';
export { FrostyReplica, type FrostyStatus, type PeriodOutcome } from './frosty/frosty-replica.ts';
export { BLOCKS_BEHIND_MAX, HEADERS_MAX } from './frosty/header-book.ts';
export {
  type DecidedOpening,
  OPENINGS_TRAILING_MAX,
  type OpeningBlock,
  openingRoot,
} from './frosty/opening.ts';
export { OPENINGS_MAX } from './frosty/opening-stage.ts';
export {
  engineObjection,
  liarsOf,
  type SnowRules,
  snowParametersFor,
  snowTerms,
} from './frosty/snow-rules.ts';
export type { CastStart, StatementOutcome } from './frosty/stall-book.ts';
export {
  type CastStatement,
  isWellFormedStatement,
  START_ABOVE_MAX,
  START_BELOW_MAX,
  type StallStatement,
  type StartingBlock,
  type StartingVote,
  startingBlock,
} from './frosty/statement.ts';
export { applyBlock, type BlockPlan, blockIdOf, buildBlock } from './ledger/apply-block.ts';
export {
  attestationObjection,
  certifiedBound,
  eligibilityObjection,
  type Measurement,
  verdictOf,
} from './ledger/attestations.ts';
export { headerOf } from './ledger/block-header.ts';
export {
  type ChainOpening,
  type ChainState,
  finalPatterns,
  type Kept,
  MODELS_KEPT,
  type ModelRecord,
  modelKey,
  nextEpoch,
  openChain,
  PATTERNS_MAX,
  type PatternBooks,
  type PatternRecord,
  RETIRED_MAX,
  SETTINGS_MAX,
  type SettingRecord,
} from './ledger/chain-state.ts';
export { claimsOf, claimsOfEntry, type SignedClaim } from './ledger/claims.ts';
export {
  areRivals,
  type Candidate,
  conflictGroups,
  conflicts,
  squaredDistance,
} from './ledger/conflict.ts';
export {
  EVIDENCE_KINDS,
  type EvidenceKind,
  evidenceKindOf,
  evidenceObjection,
  type SaidStatement,
} from './ledger/evidence.ts';
export {
  claimsOfCertificate,
  type DecidedRun,
  type EpochMembers,
  finalRunObjection,
  type RunRules,
  voteCertificateObjection,
} from './ledger/final-run.ts';
export { lapseObjection, patternObjection } from './ledger/include-pattern.ts';
export { type BlockRules, inclusionObjection } from './ledger/inclusion.ts';
export {
  type ChainMember,
  type DigestOf,
  type Membership,
  membershipAfter,
  membershipOf,
  type OpenedRoster,
  type RosterPeer,
  type Threshold,
} from './ledger/membership.ts';
export { type PatternStage, stageOf } from './ledger/pattern-stage.ts';
export {
  BLOCK_FRAME_BYTES,
  type SelectionOptions,
  selectEntries,
} from './ledger/select-entries.ts';
export {
  decodeState,
  encodeState,
  isCheckpoint,
  type SnapshotContext,
} from './ledger/snapshot.ts';
export { stateRootOf } from './ledger/state-root.ts';
export { type Voter, type VotersRisk, votersOf, votersRisk } from './ledger/voters.ts';
export {
  type EpochStart,
  epochStartOf,
  membershipsOf,
  walkMembership,
} from './ledger/walk-membership.ts';
export { crashTolerance, faultTolerance, placeOfThird, quorumSize } from './quorum.ts';
export { COMMITTEE_SIZE, type CommitteeSeat, electCommittee } from './sampling/committee.ts';
export { Mt19937 } from './sampling/mt19937.ts';
export {
  drawBelow,
  nextUint64,
  type RandomSource,
  uint64Inclusive,
} from './sampling/random-source.ts';
export { UniformSampler } from './sampling/uniform-sampler.ts';
export { WeightedSampler } from './sampling/weighted-sampler.ts';
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
export { specObjection } from './simulator/check-spec.ts';
export { ExchangeableNetwork, type ExchangeableSetting } from './simulator/exchangeable.ts';
export { IdentifiedNetwork, type IdentifiedSetting } from './simulator/identified.ts';
export type { Outage } from './simulator/identified-peers.ts';
export { type EngineTraffic, engineTraffic } from './simulator/message-level/engine-traffic.ts';
export type {
  DecidedMember,
  MessageLevelOutcome,
  Violation,
} from './simulator/message-level/outcome.ts';
export { runMessageLevel } from './simulator/message-level/run-message-level.ts';
export { runSnowChain, type SnowChainOutcome } from './simulator/message-level/run-snow-chain.ts';
export {
  SNOW_CHAIN_ADVERSARIES,
  type SnowChainAdversary,
  type SnowChainSpec,
} from './simulator/message-level/snow-chain-spec.ts';
export {
  ADVERSARIES as MESSAGE_LEVEL_ADVERSARIES,
  type Adversary as MessageLevelAdversary,
  MESSAGE_LEVEL_DEFAULTS,
  type MessageLevelSpec,
  SIMULATED_MEMBERS_MAX,
} from './simulator/message-level/spec.ts';
export type { LockStepRun, RunEnding, SimulatedRun } from './simulator/run-outcome.ts';
export {
  type Simulation,
  type SimulationOptions,
  simulate,
  simulateStepwise,
} from './simulator/simulate.ts';
export {
  ADVERSARIES,
  type Adversary,
  corruptPeers,
  DEFAULT_SPEC,
  SIMULATION_ENGINES,
  SIMULATION_LEVELS,
  type SimulationEngine,
  type SimulationLevel,
  type SimulationSpec,
} from './simulator/spec.ts';
export type { RunRate, SimulationSummary } from './simulator/summary.ts';
export { drawWeights, WEIGHT_KINDS, type WeightKind } from './simulator/weights.ts';
export { Xoshiro128 } from './simulator/xoshiro.ts';
export { Bag } from './snow/bag.ts';
export { type Bit, bitOf, DIGEST_BITS, firstDifference } from './snow/bits.ts';
export {
  CANDIDATES_MAX,
  type CandidateChit,
  CandidatePoll,
  type CandidatePollConfig,
  type CandidatePollParameters,
  type CandidatePollState,
  type CandidateQuery,
  candidatePollParameters,
  POLL_ROUNDS_MAX,
} from './snow/candidate-poll.ts';
export { DecisionTree } from './snow/decision-tree.ts';
export { type Ancestry, type AnswerOutcome, EarlyTermPoll } from './snow/early-term-poll.ts';
export {
  DEFAULT_KIND,
  DEFAULT_SNOW_PARAMETERS,
  instanceRules,
  instancesOf,
  MORE_CONDITIONS_MAX,
  minPercentConnected,
  minPercentConnectedHealthy,
  type SnowKind,
  type SnowParameters,
  verifyParameters,
} from './snow/parameters.ts';
export { type PollOutcome, PollSet } from './snow/poll-set.ts';
export { Slush } from './snow/slush.ts';
export {
  CERTIFICATE_BLOCKS,
  SNOW_MEMBERS_MIN,
  SNOW_TIMEOUTS,
  type SnowConfig,
  type SnowObjection,
  type SnowObjectionReason,
  type SnowTimeouts,
  snowObjection,
  stallAfterMs,
} from './snow/snow-config.ts';
export type { Chit, ChitOutcome, MetastableFinality, SnowEffect } from './snow/snow-effect.ts';
export { SnowEngine, type SnowStatus } from './snow/snow-engine.ts';
export type {
  InstanceRules,
  SnowInstance,
  StartInstance,
  TerminationCondition,
} from './snow/snow-instance.ts';
export { Snowball } from './snow/snowball.ts';
export { Snowflake } from './snow/snowflake.ts';
export {
  type AddOutcome,
  Snowman,
  type SnowmanBlock,
  type SnowmanOutcome,
} from './snow/snowman.ts';
export type { TreeNodeView, TreeRules } from './snow/tree-node.ts';
export {
  type Equivocation,
  type Tally,
  type Vote,
  VoteBook,
  type VoteBookOptions,
  type VoteOutcome,
} from './vote-book.ts';
