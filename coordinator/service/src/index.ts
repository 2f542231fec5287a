// The public face of @starling/coordinator.

export type {
  ChainView,
  MemberChange,
  ObservedAttestation,
  PatternStatus,
  PatternView,
  SettingView,
} from './chain/chain-view.ts';
export { Coordinator } from './coordinator.ts';
export { CoordinatorError, type CoordinatorErrorCode } from './coordinator-error.ts';
export { type CoordinatorStatus, type RoundSummary, summariseRound } from './coordinator-status.ts';
export {
  type CoordinatorDependencies,
  type CoordinatorOptions,
  type CoordinatorTurn,
  DEFAULT_COORDINATOR_OPTIONS,
} from './dependencies.ts';
export { FederationLog, foldNewer } from './federation-log.ts';
export {
  type FoundingDependencies,
  type FoundingTerms,
  foundFederation,
} from './found-federation.ts';
export type { RulesOutcome } from './ledger/ledger-desk.ts';
export type { MemberState, MemberStatus } from './member-status.ts';
export { ModelDesk, type PinRequest } from './model-desk.ts';
export type { RosterOutcome } from './roster-keeper.ts';
export { loadSnapshot, SNAPSHOT_EVERY_EVENTS } from './snapshots.ts';
