// The public face of @starling/rules.

export { appOf, appStrategy } from './app/app-task.ts';
export { type Contributions, type MemberUpdate, nextVersion } from './app/next-version.ts';
export {
  type ServerApp,
  type ServerCheckpoint,
  type ServerContext,
  type ServerParts,
  serverApp,
} from './app/server-app.ts';
export type {
  ArrivedUpdate,
  RoundResult,
  ServerNodes,
  ServerRun,
  ServerStep,
  StepAnswer,
} from './app/server-run.ts';
export {
  decodeVersion,
  encodeVersion,
  isVersionSize,
  type VersionModel,
} from './app/version-model.ts';
export { askChain, CHAIN_ANSWER_WITHIN_MS } from './chain/ask-chain.ts';
export {
  ChainFollower,
  type FollowedChain,
  type ProvedRun,
} from './chain/chain-follower.ts';
export { type KeyOf, LedgerRules, ledgerRoster } from './chain/ledger-rules.ts';
export { encodeBlock, ofOneEpoch, type ReadBlock, readBlock } from './chain/read-block.ts';
export { chainObjection } from './chain-objection.ts';
export {
  type ChainOpening,
  chainGenesisFor,
  DOCUMENTS,
  defaultChainRules,
} from './chain-opening.ts';
export {
  checkUpdateHeader,
  checkUpdatePayload,
  clipToNorm,
  NORM_TOLERANCE,
} from './check-update.ts';
export { checkVote, voteFor } from './check-vote.ts';
export { checkWithdrawal } from './check-withdrawal.ts';
export {
  decodeEvent,
  EVENT_BYTES_MAX,
  type EventType,
  encodeEvent,
  type FederationEvent,
  type RecordedEvent,
} from './events.ts';
export { federatedAverage, type WeightedUpdate } from './federated-average.ts';
export {
  activePeers,
  type FederationState,
  foldEvent,
  isRunOver,
  ROUND_HISTORY_MAX,
  roundsDone,
} from './federation-state.ts';
export type { Accounting, OrderRecord, RecallMark, Unbonding } from './ledger/accounting.ts';
export {
  type Account,
  escrowAccount,
  memberAccount,
  ownerOf,
  stakeAccount,
  unbondingAccount,
} from './ledger/accounts.ts';
export {
  eventOfOrder,
  type LedgerOrder,
  type OrderObjection,
  objectionToOrder,
} from './ledger/check-order.ts';
export {
  type EntryReason,
  Ledger,
  type LedgerEntry,
  type LedgerRecord,
} from './ledger/ledger.ts';
export { faultOf, type ProvenFault } from './ledger/proven-fault.ts';
export { ORDER_MESSAGES, orderOf } from './ledger/read-order.ts';
export { openRuleSet, ruleSetObjection } from './ledger/rule-set.ts';
export {
  draftRules,
  openRulesRequest,
  RULES_REQUEST_BYTES_MAX,
  type RulesRequest,
  ruleSetOf,
  signRulesRequest,
} from './ledger/rules-request.ts';
export { isSameStatistics, sumStatistics } from './masked-average.ts';
export { checkSum, type MaskedRound, openTranscripts, sumTranscript } from './masked-sum.ts';
export { nextStep, type Step } from './next-step.ts';
export type { Presence } from './presence.ts';
export { type FrameContent, readFrame, typeOfFrame } from './read-frame.ts';
export {
  findVersion,
  type ModelRegistry,
  REGISTERED_VERSIONS_MAX,
  RESTORABLE_VERSIONS_MAX,
  type RegisteredVersion,
  restorableVersions,
} from './registry/model-registry.ts';
export { pinSchema } from './registry/registry-events.ts';
export { roundStatistics } from './registry/round-statistics.ts';
export {
  PATIENCE_MAX,
  type StoppingRule,
  stoppingRuleSchema,
  VERSION_METRICS,
  type VersionMetric,
} from './registry/stopping-rule.ts';
export { METRIC_DIRECTIONS, versionMetrics } from './registry/version-metrics.ts';
export {
  type EvaluationMatrix,
  evaluationMatrix,
  type VersionView,
  versionViews,
} from './registry/view-registry.ts';
export { PROOFS_MAX, proofObjection } from './roster/check-proofs.ts';
export {
  entryOf,
  isSameMembership,
  rosterObjection,
  successorObjection,
} from './roster/check-roster.ts';
export { presentMember, ROSTERS_KEPT_MAX, type RosterProposal } from './roster/fold-roster.ts';
export {
  type BoundKeys,
  entryFor,
  nextRoster,
  type RosterChange,
  type RosterTerms,
} from './roster/next-roster.ts';
export {
  encodeSignedRoster,
  type OpenedRoster,
  openRoster,
  type RosterTrust,
} from './roster/open-roster.ts';
export {
  openSigningRequest,
  SIGNING_REQUEST_BYTES_MAX,
  type SigningRequest,
  signingRequest,
  signRequest,
} from './roster/signing-request.ts';
export {
  type ProposalView,
  type RosterChangeView,
  type RosterView,
  rosterChanges,
  viewFederation,
  viewRoster,
} from './roster/view-roster.ts';
export {
  canFinish,
  contributorsOf,
  currentSessions,
  isAggregating,
  isAnswered,
  isOpen,
  type RoundState,
} from './round-state.ts';
export { RulesError, type RulesErrorCode } from './rules-error.ts';
export { type CohortSelection, selectionObjection } from './schedule/cohort-selection.ts';
export { type Coverage, coverageOf } from './schedule/coverage.ts';
export { type Links, phaseDeadline } from './schedule/deadlines.ts';
export { phaseSpans } from './schedule/round-times.ts';
export {
  DEFAULT_SCHEDULE,
  parseSchedule,
  type Schedule,
  type ScheduleInput,
  scheduleSchema,
} from './schedule/schedule.ts';
export { discountLate, lateRoundOf, stalenessOf } from './schedule/staleness.ts';
export { readStatement, SESSION_STATEMENTS, type SessionRecord } from './session-record.ts';
export {
  encodeSnapshot,
  eventDigest,
  hasFieldsOf,
  openSnapshot,
  STATE_ENCODING,
} from './snapshot/snapshot.ts';
export { sessionKeyInfo } from './step-sessions.ts';
export { Bulyan } from './strategies/bulyan.ts';
export { CenteredClipping, type CenteredClippingOptions } from './strategies/centered-clipping.ts';
export { FedAdagrad } from './strategies/fed-adagrad.ts';
export { FedAdam, type FedAdamOptions } from './strategies/fed-adam.ts';
export { FedAvg } from './strategies/fed-avg.ts';
export { FedAvgM, type FedAvgMOptions } from './strategies/fed-avg-m.ts';
export { type Arrival, FedBuff, type FedBuffOptions } from './strategies/fed-buff.ts';
export { FedMedian } from './strategies/fed-median.ts';
export { FedNova, type FedNovaOptions } from './strategies/fed-nova.ts';
export type { FedOptOptions } from './strategies/fed-opt.ts';
export { FedProx, type FedProxOptions } from './strategies/fed-prox.ts';
export { FedTrimmedAvg, type FedTrimmedAvgOptions } from './strategies/fed-trimmed-avg.ts';
export { FedYogi, type FedYogiOptions } from './strategies/fed-yogi.ts';
export { GeometricMedian, type GeometricMedianOptions } from './strategies/geometric-median.ts';
export { GroupMeans, type GroupMeansOptions } from './strategies/group-means.ts';
export { Krum, type KrumOptions } from './strategies/krum.ts';
export { MultiKrum, type MultiKrumOptions } from './strategies/multi-krum.ts';
export { NormBoundedAvg, type NormBoundedAvgOptions } from './strategies/norm-bounded-avg.ts';
export { QFedAvg, type QFedAvgOptions } from './strategies/q-fed-avg.ts';
export { Scaffold, type ScaffoldOptions } from './strategies/scaffold.ts';
export { assertRunsOnSums, replyOfGroup } from './strategies/secure-aggregation.ts';
export type { SamplingOptions } from './strategies/select-nodes.ts';
export type {
  Aggregate,
  Assignment,
  ClientInfo,
  ClientReplies,
  ClientReply,
  RefusedReply,
  RoundContext,
  Strategy,
  StrategyInput,
} from './strategies/strategy.ts';
export { STRATEGY_NAMES, strategyNamed } from './strategies/strategy-named.ts';
export { type VersionRecord, versionProof } from './version-record.ts';
