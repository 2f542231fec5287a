// The public face of @starling/runtime.

export {
  ADVERSARIES,
  DEFAULT_SPEC,
  type Outage,
  SIMULATION_ENGINES,
  SIMULATION_LEVELS,
  type Simulation,
  type SimulationLevel,
  type SimulationSpec,
  WEIGHT_KINDS,
} from '@starling/consensus';
export type { CoordinatorStatus, RosterOutcome } from '@starling/coordinator';
export {
  HITS_MAX,
  type OrderView,
  type PeerStatus,
  type PrivacySummary,
  type SearchAnswer,
  TRAININGS_KEPT_MAX,
  type UpdateVerification,
} from '@starling/peer';
export type { RosterView } from '@starling/rules';
export {
  ADMINISTRATORS_MAX,
  type ChainEngine,
  type PollParameters,
  ROSTER_MEMBERS_MAX,
} from '@starling/shared';
export { readAdministrator } from './administrators.ts';
export { backUpSite } from './backup/back-up-site.ts';
export { restoreSite } from './backup/restore-site.ts';
export { type Agreement, agreementOf } from './chain-agreement.ts';
export { snowEngine } from './chain-engine.ts';
export type {
  AttestationView,
  ConsensusView,
  EvidenceView,
  LearnView,
  PatternStatus,
  PatternsView,
  PatternView,
  SettingView,
  SiteNames,
} from './chain-view.ts';
export { type Axis, linearAxis, logAxis } from './chart/axis.ts';
export { type Chart, drawChart, type Series } from './chart/chart.ts';
export { type DemoCorpus, SITES_MAX, SITES_MIN } from './corpus/demo-corpus.ts';
export { readDocuments } from './corpus/documents.ts';
export { DASHBOARD_POLICY, dashboardRoutes } from './dashboard/dashboard-routes.ts';
export type { ChainReport, FinalityLine, PatternLine } from './demo/chain-report.ts';
export {
  buildReport,
  type DemoReport,
  type Metrics,
  STAGES,
  type Stage,
} from './demo/demo-report.ts';
export {
  type AggregationOptions,
  DEFAULT_AGGREGATION,
  DEMO_ALONE,
  DEMO_ROUNDS,
  DEMO_ROUNDS_MAX,
  DEMO_SEED,
  DEMO_SITES,
  type DemoOptions,
  demoTask,
} from './demo/demo-settings.ts';
export { type DemoEvent, type DemoPhase, runDemo } from './demo/run-demo.ts';
export { type Check, examine } from './doctor.ts';
export { type AppFolder, readAppFolder } from './federated/app/app-folder.ts';
export { mergeSettings, parseSettings } from './federated/app/run-config.ts';
export { outcomeLines } from './federated/app-report.ts';
export { APP_TEMPLATES, type AppTemplate, newApp, templateFolder } from './federated/new-app.ts';
export type { AppRuntime, RunEvents, RunSettings } from './federated/runs/app-runtime.ts';
export { followLog } from './federated/runs/follow-log.ts';
export { type LaunchedRun, launchRun } from './federated/runs/launch-run.ts';
export { MODEL_FILE, pullModel } from './federated/runs/model-file.ts';
export { reportOf as appRunReport } from './federated/runs/record-run.ts';
export {
  type AppRun,
  findAppRun,
  listAppRuns,
  readRounds,
  runFolder,
} from './federated/runs/run-store.ts';
export { stopAppRun } from './federated/runs/stop-run.ts';
export { type SimulationOptions, simulateApp } from './federated/simulate-app.ts';
export {
  type AppSimulation,
  type RoundRecord,
  simulationCsv as appSimulationCsv,
} from './federated/simulation-record.ts';
export {
  type FederatedRound,
  planFederatedRun,
  watchFederatedRun,
} from './federated/site-app/federated-run.ts';
export { type FoundedApp, foundApp } from './federated/site-app/found-app.ts';
export { DELAY_FAMILIES, parseDelay, type VirtualNetwork } from './federated/virtual-network.ts';
export { ADDRESS_LIMIT, FAILURE_LIMIT, TOKEN_LIMIT } from './http/access/rate-limit.ts';
export {
  createToken,
  describeTokens,
  revokeToken,
  type TokenView,
} from './http/access/token-file.ts';
export { API_BASE } from './http/api-base.ts';
export type {
  BalancesView,
  ChainAnswer,
  ChainPatternsView,
  EvaluationsView,
  LedgerHistoryView,
  LedgerVerificationView,
  MembersView,
  MemberView,
  MeshView,
  PrivacyView,
  RoundsView,
  RoundVerificationView,
  RoundView,
  StatusHeadView,
  StatusView,
  VersionsView,
  VersionView,
} from './http/api-types.ts';
export { EVENTS_EVERY_MS } from './http/event-hub.ts';
export { HEARTBEAT_MS, STREAMS_MAX } from './http/event-streams.ts';
export type { HttpInput, HttpOverride } from './http/http-config.ts';
export { API_ROUTES, OPERATOR_BODY_BYTES_MAX, operatorApi } from './http/operator-api.ts';
export { startOperatorServer } from './http/operator-server.ts';
export { ROLES, type Role } from './http/roles.ts';
export { CurrentStanding } from './http/standing.ts';
export {
  compactIndex,
  type IndexAnswer,
  inspectSiteIndex,
  repairIndex,
  verifyIndex,
} from './index-care.ts';
export {
  exportKeys,
  type KeyBackup,
  type PublicKeyRecord,
  publicKeyRecord,
  restoreKeys,
} from './key-backup.ts';
export { federationOfInvitation } from './ledger/anchor.ts';
export type { OrderRequest, OwnAccountView, RulesAnswer } from './ledger/ledger-api.ts';
export {
  parseTerms,
  proposeRules,
  type SignedRules,
  signRules,
  submitRules,
} from './ledger/rules-desk.ts';
export type { BalanceLine, HistoryLine, LedgerView } from './ledger-view.ts';
export type { ServedStatus } from './local-api/coordinator-api.ts';
export { LocalClient } from './local-api/local-client.ts';
export type { ModelsView, PulledModel } from './local-api/model-api.ts';
export { LOG_REPLICAS, type LogReplicas } from './log-config.ts';
export { makeNatsUser } from './nats-user-file.ts';
export { type KeyRotation, makeNextKey } from './next-keys.ts';
export { exportEvidence, readLedger, readLedgerFile } from './offline-ledger.ts';
export type { PrivacyChange } from './privacy-limit-file.ts';
export { describeEnd } from './processes/child.ts';
export { type Death, LocalFederation } from './processes/local-federation.ts';
export { announceReady, leaveParent, stopSignal, untilStopped } from './processes/serve-until.ts';
export {
  readRosterOf,
  readRosterRequest,
  type SignedRequest,
  signRosterRequest,
  submitRosterRequest,
} from './roster-desk.ts';
export { verifyStoredRound } from './round-verification.ts';
export { createCoordinator, type RunningCoordinator, runCoordinator } from './run-coordinator.ts';
export { addDocumentsOffline, joinSite, type RunningPeer, runPeer } from './run-peer.ts';
export { openRunningSite } from './running-site.ts';
export { RuntimeError, type RuntimeErrorCode } from './runtime-error.ts';
export { resultLines } from './simulation/report-page.ts';
export { assertSimulable, runSimulation, simulationCsv } from './simulation/run-simulation.ts';
export { simulationReport } from './simulation/simulation-report.ts';
export { COORDINATOR_PORT, parseConfig, roleOf } from './site-config.ts';
export { createSiteFolder, openSiteFolder, summaryOf } from './site-folder.ts';
export { describeSiteKeys, type KeyDescription } from './site-keys.ts';
export { limitPrivacy, readPrivacy } from './site-privacy.ts';
export {
  type Dashboard,
  type RunningUp,
  startUp,
  type UpProcess,
  type UpSettings,
} from './start-up.ts';
export { listStoredTrainings, verifyStoredUpdate } from './update-verification.ts';
export { type EvidenceCheck, verifyEvidenceFile } from './verify-evidence.ts';
export type { RoundVerification } from './verify-from-log.ts';
