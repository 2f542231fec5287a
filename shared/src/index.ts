// The public face of @starling/shared.

export { APP_ERROR_CODES, AppError, type AppErrorCode } from './app/app-error.ts';
export { arrayOf } from './app/array-of.ts';
export { clientSeed } from './app/client-seed.ts';
export { configNumber, configText } from './app/config-value.ts';
export { APP_MESSAGE_KINDS, type AppMessage, type AppMessageKind } from './app/message.ts';
export {
  type ArrayRecord,
  type ConfigRecord,
  METRIC_LIST_MAX,
  type MetricRecord,
  RECORD_NAME_LENGTH_MAX,
  RECORD_NAMES_MAX,
  RECORD_TEXT_LENGTH_MAX,
  type RecordDict,
  recordDict,
  recordFault,
  type Scalar,
} from './app/records.ts';
export { bytesSchema } from './bytes.ts';
export {
  CBOR_DEPTH_MAX,
  type CborFault,
  type CborResult,
  type CborValue,
  decodeCanonical,
  encodeCanonical,
  equalBytes,
} from './canonical-cbor.ts';
export { carriedBytes, carryBytes } from './compression/carried-bytes.ts';
export {
  COMPRESSION_METHODS,
  type CompressionMethod,
  type CompressionOptions,
  checkOptions as checkCompression,
  compressUpdate,
} from './compression/compress-update.ts';
export { decompressUpdate } from './compression/decompress-update.ts';
export { UPDATE_ARRAY } from './compression/format.ts';
export {
  euclideanNorm,
  firstNonFinite,
  PARAMETERS_MAX,
  tensorFromBytes,
  tensorToBytes,
} from './flat-tensor.ts';
export {
  type Branded,
  type Digest,
  digestSchema,
  type FederationId,
  federationIdSchema,
  type MemberId,
  memberIdSchema,
  NO_FEDERATION,
  shortId,
  type TransportId,
  transportIdSchema,
} from './ids.ts';
export { type Aggregate, aggregate, type SumStatistics } from './messages/aggregate.ts';
export {
  AUTH_CHALLENGE_BYTES_MAX,
  AUTH_NONCE_BYTES,
  AUTH_PROTOCOL,
  type Auth,
  auth,
  authChallengeSchema,
} from './messages/auth.ts';
export {
  BINDING_LIFE_MS,
  type Binding,
  binding,
  COSIGNED_BYTES_MAX,
  cosignedSchema,
  type Rotation,
  rotation,
  SIGNATURE_SUITE,
} from './messages/binding.ts';
export {
  BLOCK_BYTES_MAX,
  type ChainBlock,
  chainBlock,
  chainBlockSchema,
  ENTRIES_MAX,
} from './messages/consensus/chain-block.ts';
export {
  type ChainEntry,
  type ChainEntryBody,
  chainEntry,
  ENTRY_ROSTER_BYTES_MAX,
  ENTRY_SIGNATURE_BYTES_MAX,
  type EntryAttestation,
  type MembershipEntry,
  type ModelEntry,
  type PatternEntry,
  type SettingEntry,
} from './messages/consensus/chain-entry.ts';
export {
  type ChainEvidence,
  chainEvidence,
  EVIDENCE_FRAME_BYTES_MAX,
} from './messages/consensus/chain-evidence.ts';
export {
  type ChainGenesis,
  chainGenesis,
  VOTING_WEIGHT_MAX,
} from './messages/consensus/chain-genesis.ts';
export {
  type ChainOpening as ChainOpeningBody,
  chainOpening,
  OPENINGS_ANSWERED_MAX,
  type OpenedEra,
} from './messages/consensus/chain-opening.ts';
export {
  ANSWER_BLOCKS_MAX,
  ANSWER_EPOCHS_MAX,
  type BlockChit,
  CHAIN_ANSWER_BYTES_MAX,
  CHAIN_PROTOCOL,
  CHAIN_REQUEST_BYTES_MAX,
  type ChainAnswer,
  type ChainRequest,
  type Chit,
  chainAnswerSchema,
  chainRequestSchema,
  type FinalRun,
  POLL_CHOICES_MAX,
  POLL_GROUPS_MAX,
  SNAPSHOT_BYTES_MAX,
  SNAPSHOT_PART_BYTES,
} from './messages/consensus/chain-request.ts';
export {
  type ChainEngine,
  type ChainRules,
  chainEngineSchema,
  chainRulesSchema,
  PATTERN_DIMENSION_MAX,
  type PollParameters,
  SQUARED_DISTANCE_MAX,
} from './messages/consensus/chain-rules.ts';
export {
  type ChainStall,
  chainStall,
  STARTING_BLOCKS_MAX,
  type WireStartingVote,
} from './messages/consensus/chain-stall.ts';
export { type ChainStatus, chainStatus } from './messages/consensus/chain-status.ts';
export {
  CHAIN_VOTE_KINDS,
  type ChainCertificate,
  type ChainVote,
  type ChainVoteKind,
  chainCertificateSchema,
  chainVote,
} from './messages/consensus/chain-vote.ts';
export { collectionSchema } from './messages/consensus/names.ts';
export {
  ATTESTATION_VERDICTS,
  type AttestationVerdict,
  type PatternAttestation,
  patternAttestation,
} from './messages/consensus/pattern-attestation.ts';
export {
  PARENTS_MAX,
  PATTERN_EF_MAX,
  type Pattern,
  type PatternProposal,
  patternProposal,
  patternSchema,
  SUPERSEDES_MAX,
} from './messages/consensus/pattern-proposal.ts';
export {
  SETTING_VALUE_MAX,
  type SettingApproval,
  type SettingProposal,
  settingApproval,
  settingProposal,
} from './messages/consensus/setting.ts';
export {
  ENVELOPE_OVERHEAD_BYTES,
  frameSchema,
  type Header,
  headerSchema,
  type Opened,
  type Verified,
} from './messages/envelope.ts';
export {
  EVALUATION_STAGES,
  type Evaluation,
  type EvaluationStage,
  evaluation,
} from './messages/evaluation.ts';
export {
  ADMINISTRATORS_MAX,
  type Genesis,
  genesis,
  type KeyHolder,
  type RewardRules,
  rewardRulesSchema,
} from './messages/genesis.ts';
export {
  ADDRESSES_MAX,
  INVITATION_LIFETIME_MS,
  type Invitation,
  invitation,
  JOIN_PROTOCOL,
  type JoinRequest,
  type JoinResponse,
  joinRequest,
  joinResponse,
} from './messages/invitation.ts';
export {
  type LedgerStake,
  type LedgerTransfer,
  ledgerStake,
  ledgerTransfer,
  MEMO_MAX,
  ORDER_LIFE_MAX_MS,
} from './messages/ledger/ledger-order.ts';
export {
  LEDGER_ANSWER_BYTES_MAX,
  LEDGER_PROTOCOL,
  LEDGER_REFUSALS,
  LEDGER_REQUEST_BYTES_MAX,
  type LedgerAccount,
  type LedgerAnswer,
  type LedgerRefusal,
  ledgerAccountSchema,
  ledgerAnswerSchema,
  ledgerRequestSchema,
} from './messages/ledger/ledger-request.ts';
export {
  type LedgerRules,
  type LedgerTerms,
  ledgerRules,
  ledgerTermsSchema,
  SIGNED_LEDGER_RULES_BYTES_MAX,
} from './messages/ledger/ledger-rules.ts';
export {
  type BodyOf,
  defineMessage,
  type Form,
  GOSSIP_TOPICS,
  type MessageDefinition,
  type SenderRole,
  signingContext,
  type Topic,
  WIRE_VERSION,
} from './messages/message-definition.ts';
export { EXAMPLES_MAX, type ModelUpdate, modelUpdate } from './messages/model-update.ts';
export {
  type ModelCertificate,
  type ModelVote,
  modelCertificateSchema,
  modelVote,
  modelVoteSchema,
} from './messages/model-vote.ts';
export {
  CHUNK_BYTES,
  PAYLOAD_BYTES_MAX,
  type PayloadRef,
  payloadRefSchema,
} from './messages/payload-ref.ts';
export {
  EXAMPLES_ROUNDED_TO,
  type Registration,
  registration,
  registrationSchema,
} from './messages/registration.ts';
export { MESSAGES } from './messages/registry.ts';
export {
  REVOKED_MAX,
  type RevokedMember,
  ROSTER_LIFE_MS,
  ROSTER_MEMBERS_MAX,
  ROSTER_PROTOCOL,
  type Roster,
  type RosterMember,
  roster,
  rosterMemberSchema,
  rosterNotice,
  rosterRequest,
  rosterResponse,
  SIGNED_ROSTER_BYTES_MAX,
  type SignedRoster,
  signedRosterSchema,
} from './messages/roster.ts';
export { type RoundPlan, roundPlan, STALENESS_MAX } from './messages/round-plan.ts';
export {
  MISSING_REASONS,
  type MissingMember,
  type MissingReason,
  missingMemberSchema,
  ROUND_PHASES,
  type RoundPhase,
  type RoundStatus,
  roundStatus,
} from './messages/round-status.ts';
export {
  COMPLAINT_REASONS,
  type Complaint,
  complaint,
  type KeyAdvertisement,
  keyAdvertisement,
  type MaskedInput,
  maskedInput,
  openedSharesSchema,
  type ShareBundle,
  type ShareLeaf,
  type Survivors,
  shareBundle,
  shareLeafSchema,
  survivors,
  type UnmaskShares,
  unmaskShares,
} from './messages/secagg/member-messages.ts';
export {
  type MemberSignature,
  SECAGG_ANSWER_BYTES_MAX,
  SECAGG_PROTOCOL,
  SECAGG_REQUEST_BYTES_MAX,
  type SecaggAnswer,
  type SecaggRequest,
  type SharePacket,
  secaggAnswerSchema,
  secaggRequestSchema,
} from './messages/secagg/secagg-request.ts';
export {
  type Ring,
  SESSION_ATTEMPTS_MAX,
  SESSION_PARTICIPANTS_MAX,
  SESSION_PARTICIPANTS_MIN,
  type SessionAnnounce,
  type SessionGraph,
  type SessionNoise,
  sessionAnnounce,
  WEIGHT_MAX,
} from './messages/secagg/session-announce.ts';
export {
  SESSION_PHASES,
  type SessionPhase,
  type SessionPhaseName,
  sessionPhase,
} from './messages/secagg/session-phase.ts';
export {
  type SessionTranscript,
  sessionTranscriptSchema,
  TRANSCRIPT_BYTES_MAX,
} from './messages/secagg/transcript.ts';
export { siteNameSchema } from './messages/site-name.ts';
export {
  DOCUMENTS_ROUNDED_TO,
  PROGRESS_STEP_MICROS,
  SITE_REPORT_ANSWER_BYTES_MAX,
  SITE_REPORT_GAP_MIN_MS,
  SITE_REPORT_LIFE_MS,
  SITE_REPORT_PROTOCOL,
  SITE_STATES,
  type SiteReport,
  type SiteReportAnswer,
  type SiteState,
  siteReport,
  siteReportAnswerSchema,
  siteReportSchema,
} from './messages/site-report.ts';
export {
  type AggregationPolicy,
  type AppTask,
  type EncoderShape,
  type MaskedAggregation,
  modelElements,
  settingsOf,
  type TrainingSettings,
  type TrainingTask,
  trainingSettingsSchema,
  trainingTaskSchema,
} from './messages/training-task.ts';
export {
  type VersionEvaluation,
  versionEvaluation,
} from './messages/version-evaluation.ts';
export {
  type FinalVersion,
  finalVersionSchema,
  VERSION_PROTOCOL,
  type VersionRequest,
  type VersionResponse,
  versionRequest,
  versionResponse,
} from './messages/version-request.ts';
export {
  WITHDRAWAL_REASONS,
  type Withdrawal,
  type WithdrawalReason,
  withdrawal,
  withdrawalText,
} from './messages/withdrawal.ts';
export { fromMicros, MICROS, toMicros, uint32Schema, uintSchema } from './numbers.ts';
export type { Cancel, Clock } from './ports/clock.ts';
export {
  type EventLog,
  EventLogError,
  type EventLogErrorCode,
  type NewEvent,
  type StoredEvent,
} from './ports/event-log.ts';
export type { Leadership, Lease } from './ports/leadership.ts';
export { type LogFields, type Logger, NO_LOGGER } from './ports/logger.ts';
export {
  ADMIT_CONNECTION,
  ADMIT_GOSSIP,
  type Admission,
  type AdmissionRule,
  type BusConnection,
  BusError,
  type BusErrorCode,
  type ConnectionId,
  type GossipHandler,
  type GossipTopic,
  type HandlerOptions,
  type MessageBus,
  type RequestHandler,
  type RequestOptions,
} from './ports/message-bus.ts';
export { type Labels, type Meter, NO_METER } from './ports/meter.ts';
export {
  type FetchOptions,
  PayloadError,
  type PayloadErrorCode,
  type PayloadExchange,
} from './ports/payload-exchange.ts';
export {
  PEER_TABLES,
  type PeerRecord,
  type PeerStore,
  PeerStoreError,
  type PeerStoreErrorCode,
  type PeerTable,
  type PeerWrite,
  RECORD_BYTES_MAX,
} from './ports/peer-store.ts';
export {
  SNAPSHOTS_KEPT,
  type SnapshotStore,
  STORED_SNAPSHOT_BYTES_MAX,
  type StoredSnapshot,
} from './ports/snapshot-store.ts';
export { z } from './schema.ts';
export { SEQUENCE_BLOCK, SEQUENCE_ROOM, Sequence } from './sequence.ts';
export {
  ACCEPT,
  type Checked,
  checked,
  FAULT_REASONS,
  type FaultReason,
  HARMLESS_REASONS,
  type HarmlessReason,
  type Refusal,
  type RefusalReason,
  refusal,
  refused,
  type Verdict,
} from './verdict.ts';
